using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Diagnostics;

/// <summary>What a lazy disk tells, in one place.</summary>
/// <remarks>A second class with such methods would make the build not reproducible: the compiler's
/// generator writes them in an order that is left to chance.</remarks>
internal sealed partial class DiskLog(ILogger logger)
{
    [LoggerMessage(1, LogLevel.Information,
        "Opened {Image} version {Version}: {Length} bytes in blocks of {BlockSize}")]
    public partial void Opened(string image, long version, long length, int blockSize);

    [LoggerMessage(2, LogLevel.Warning,
        "No server answers for the head of {Image} ({Fact}); going on with version {Version}, "
        + "accepted before")]
    public partial void OpenedOffline(string image, string fact, long version);

    [LoggerMessage(3, LogLevel.Warning,
        "The image {Image} is read without a signature, as the options allow")]
    public partial void Unsigned(string image);

    [LoggerMessage(5, LogLevel.Debug, "Reading ahead {Count} blocks from {First} failed: {Fact}")]
    public partial void GuessFailed(long first, int count, string fact);

    [LoggerMessage(6, LogLevel.Warning,
        "The head of {Image} that is remembered cannot be used: {Fact}")]
    public partial void MemoryRefused(string image, string fact);

    [LoggerMessage(7, LogLevel.Warning,
        "What was remembered of the image {Image} in {File} is damaged and counts as lost: an"
        + " older version could be passed off as the newest, this once.")]
    public partial void MemoryDamaged(string image, string file);

    [LoggerMessage(8, LogLevel.Warning,
        "The version of the image {Image} is remembered in this process only, for {File} cannot"
        + " be used.")]
    public partial void MemoryUnwritable(Exception exception, string image, string file);

    [LoggerMessage(9, LogLevel.Warning,
        "Version {Version} of the image {Image} expired on {Expires:u}. It was accepted before"
        + " that, and is used for want of a newer one.")]
    public partial void UsingExpired(string image, long version, DateTimeOffset expires);

    [LoggerMessage(10, LogLevel.Information,
        "Opened {Address}, {Version}: {Length} bytes in blocks of {BlockSize}")]
    public partial void OpenedFile(string address, string version, long length, int blockSize);

    [LoggerMessage(11, LogLevel.Warning,
        "The server of {Address} names no version of it: it is held to its length of {Length}"
        + " bytes alone, a change would go unseen, and nothing of it is kept on disk")]
    public partial void Unbound(string address, long length);

    public void FetchFailed(string name, BlockIOException failure) =>
        FetchFailed(name, failure.Reason, failure.Message);

    [LoggerMessage(4, LogLevel.Debug, "A try for {Name} failed ({Reason}): {Fact}")]
    private partial void FetchFailed(string name, FailureReason reason, string fact);
}
