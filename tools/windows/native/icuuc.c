/* Windows 10's ICU, which Wine 8 lacks.  Qt asks it for converters of old encodings; told that
   there are none, it does without.  Every function answers 0; opening one says so. */
#define ANSWERS_NOTHING(name) __declspec(dllexport) void *name(void) { return 0; }

enum { U_FILE_ACCESS_ERROR = 4 };

__declspec(dllexport) void *ucnv_open(const char *name, int *error)
{
    (void)name;
    if (error)
        *error = U_FILE_ACCESS_ERROR;
    return 0;
}

ANSWERS_NOTHING(UCNV_FROM_U_CALLBACK_SUBSTITUTE)
ANSWERS_NOTHING(UCNV_TO_U_CALLBACK_SUBSTITUTE)
ANSWERS_NOTHING(u_errorName)
ANSWERS_NOTHING(ucnv_cbFromUWriteUChars)
ANSWERS_NOTHING(ucnv_cbToUWriteUChars)
ANSWERS_NOTHING(ucnv_close)
ANSWERS_NOTHING(ucnv_countAliases)
ANSWERS_NOTHING(ucnv_countAvailable)
ANSWERS_NOTHING(ucnv_fromUCountPending)
ANSWERS_NOTHING(ucnv_fromUnicode)
ANSWERS_NOTHING(ucnv_getAlias)
ANSWERS_NOTHING(ucnv_getAvailableName)
ANSWERS_NOTHING(ucnv_getFromUCallBack)
ANSWERS_NOTHING(ucnv_getMaxCharSize)
ANSWERS_NOTHING(ucnv_getName)
ANSWERS_NOTHING(ucnv_getStandardName)
ANSWERS_NOTHING(ucnv_getToUCallBack)
ANSWERS_NOTHING(ucnv_reset)
ANSWERS_NOTHING(ucnv_setFromUCallBack)
ANSWERS_NOTHING(ucnv_setToUCallBack)
ANSWERS_NOTHING(ucnv_toUCountPending)
ANSWERS_NOTHING(ucnv_toUnicode)
