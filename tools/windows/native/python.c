/* python.exe: hands the command line to the interpreter, as CPython's own does. */
#include <stdio.h>
#include <wchar.h>
#include <windows.h>

typedef int (*entry)(int, wchar_t **);

int wmain(int count, wchar_t **arguments)
{
    HMODULE library = LoadLibraryW(PYTHON_DLL);
    entry run = library ? (entry)(void *)GetProcAddress(library, "Py_Main") : NULL;

    if (!run) {
        fwprintf(stderr, L"%ls could not be loaded: error %lu\n", PYTHON_DLL, GetLastError());
        return 1;
    }
    return run(count, arguments);
}
