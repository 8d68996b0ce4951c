/* python.exe of a virtual environment: runs the Python that pyvenv.cfg names as home, and tells it
   by __PYVENV_LAUNCHER__ whose it is, as CPython's own does.  A job ends it with its launcher. */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

#define LONGEST 32768

static wchar_t self[LONGEST], path[LONGEST], home[LONGEST];

/* Read `home = FOLDER`, UTF-8, of the file called path. */
static int read_home(void)
{
    char line[4096];
    FILE *file = _wfopen(path, L"rb");

    while (file && fgets(line, sizeof line, file)) {
        char *value = strchr(line, '=');
        if (!value || strncmp(line, "home", 4))
            continue;
        for (value++; *value == ' '; value++)
            ;
        value[strcspn(value, "\r\n")] = 0;
        fclose(file);
        return MultiByteToWideChar(CP_UTF8, 0, value, -1, home, LONGEST) > 0;
    }
    return 0;
}

int wmain(void)
{
    STARTUPINFOW startup = {.cb = sizeof startup};
    PROCESS_INFORMATION process;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectW(NULL, NULL);
    DWORD code = 101;
    wchar_t *slash;

    GetModuleFileNameW(NULL, self, LONGEST);
    wcscpy(path, self);
    for (int up = 0; up < 2; up++)
        if ((slash = wcsrchr(path, L'\\')))
            *slash = 0;
    wcscat(path, L"\\pyvenv.cfg");
    if (!read_home()) {
        fwprintf(stderr, L"%ls names no home\n", path);
        return 1;
    }
    swprintf(path, LONGEST, L"%ls\\python.exe", home);
    SetEnvironmentVariableW(L"__PYVENV_LAUNCHER__", self);
    GetStartupInfoW(&startup);
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK;
    SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
    if (!CreateProcessW(path, GetCommandLineW(), NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        fwprintf(stderr, L"%ls could not be started: error %lu\n", path, GetLastError());
        return 1;
    }
    AssignProcessToJobObject(job, process.hProcess);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    return (int)code;
}
