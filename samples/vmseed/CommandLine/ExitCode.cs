using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Binary;
using VMSeed.ImageBuilder;

namespace VMSeed.Tool.CommandLine;

/// <summary>What the shell is told. Scripts build on these numbers: they do not change.</summary>
internal static class ExitCode
{
    public const int Done = 0;
    public const int Other = 1;
    public const int Usage = 2;
    public const int Refused = 3;
    public const int Missing = 4;
    public const int Unavailable = 5;
    public const int Corrupt = 6;

    /// <summary>128 and the signal's number, as shells count.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGPIPE: whoever read the output has left. No message is due.</summary>
    public const int PipeClosed = 141;

    public const int Terminated = 143;

    /// <summary>The paragraph below every help.</summary>
    public const string Help = """
        Exit codes:
          0  done           3  refused (signature, key, version, expiry, name, a file
                               that an image asks for and is not granted)
          1  other failure  4  missing (no such image, object, file or snapshot)
          2  wrong usage    5  unavailable (no answer within the timeout)
                            6  corrupt (bytes are not those that were signed, or
                               contradict their format)
        """;

    public static int Of(DiskFault fault) => fault switch
    {
        DiskFault.Corrupt or DiskFault.Unrecognized => Corrupt,
        DiskFault.MissingFile or DiskFault.MissingSnapshot => Missing,
        DiskFault.NotGranted or DiskFault.WrongParent => Refused,
        _ => Other,
    };

    public static int Of(ImageBuilderFault fault) => fault switch
    {
        ImageBuilderFault.MissingTool or ImageBuilderFault.MissingInput => Missing,
        ImageBuilderFault.Damaged => Corrupt,
        _ => Other,
    };

    public static int Of(FailureReason reason) => reason switch
    {
        FailureReason.Refused => Refused,
        FailureReason.Missing => Missing,
        FailureReason.Unavailable => Unavailable,
        FailureReason.Corrupt => Corrupt,
        _ => Other,
    };
}
