using System.Runtime.InteropServices;

// The C library is the system's, and never a file beside the program.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
