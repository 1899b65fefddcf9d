using Microsoft.Extensions.Logging;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Diagnostics;

/// <summary>What a lazy disk tells, in one place.</summary>
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

    public void FetchFailed(string name, BlockIOException failure) =>
        FetchFailed(name, failure.Reason, failure.Message);

    [LoggerMessage(4, LogLevel.Debug, "A try for {Name} failed ({Reason}): {Fact}")]
    private partial void FetchFailed(string name, FailureReason reason, string fact);
}
