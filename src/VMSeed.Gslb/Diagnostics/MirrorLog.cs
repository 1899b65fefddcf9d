using Microsoft.Extensions.Logging;

namespace VMSeed.Gslb.Diagnostics;

/// <summary>What a mirror handler tells, in one place.</summary>
internal sealed partial class MirrorLog(ILogger logger)
{
    /// <summary>A mirror failed, and is left alone for a while.</summary>
    [LoggerMessage(1, LogLevel.Warning,
        "The mirror {Mirror} is out of use for a while: {Fact}")]
    public partial void Ejected(string mirror, string fact);

    /// <summary>A mirror served wrong bytes.</summary>
    [LoggerMessage(2, LogLevel.Error,
        "The mirror {Mirror} is quarantined: {Fact}")]
    public partial void Quarantined(string mirror, string fact);

    /// <summary>A mirror wishes to be left alone.</summary>
    [LoggerMessage(3, LogLevel.Information,
        "The mirror {Mirror} asks to be left alone for a while: {Fact}")]
    public partial void Resting(string mirror, string fact);

    /// <summary>A mirror is in use again.</summary>
    [LoggerMessage(4, LogLevel.Information, "The mirror {Mirror} is in use again")]
    public partial void Recovered(string mirror);

    /// <summary>Something on the way answers in the place of mirrors.</summary>
    [LoggerMessage(5, LogLevel.Warning,
        "Something between here and the mirrors answers in their place (last for {Mirror}: {Fact})."
        + " No mirror is blamed for it; a network that wants a log-in does this")]
    public partial void Interference(string mirror, string fact);

    /// <summary>Nothing better is left than mirrors that have failed.</summary>
    [LoggerMessage(6, LogLevel.Warning,
        "No mirror is healthy: {Mirror} is asked although it is out of use")]
    public partial void Panic(string mirror);

    /// <summary>Wrong bytes came; the mirror is asked again past caches before it is
    /// blamed.</summary>
    [LoggerMessage(7, LogLevel.Information,
        "Wrong bytes came from {Mirror} for {Path} ({Length} bytes, CRC-32C {Checksum:x8}); it is"
        + " asked again past caches before it is blamed")]
    public partial void Suspected(string mirror, string path, long length, uint checksum);

    /// <summary>A cache on the way was to blame.</summary>
    [LoggerMessage(8, LogLevel.Warning,
        "The wrong bytes for {Path} came from a cache between here and {Mirror}, not from the"
        + " mirror")]
    public partial void CacheBlamed(string mirror, string path);

    /// <summary>Whether the mirror is to blame could not be found out.</summary>
    [LoggerMessage(9, LogLevel.Information,
        "Whether {Mirror} or a cache made the wrong bytes for {Path} is not known: {Fact}")]
    public partial void Unresolved(string mirror, string path, string fact);

    /// <summary>A stream goes on at another mirror.</summary>
    [LoggerMessage(10, LogLevel.Debug,
        "The stream of {Path} left {Mirror} at byte {Position}: {Fact}")]
    public partial void Resumed(string path, string mirror, long position, string fact);

    /// <summary>An attempt failed.</summary>
    [LoggerMessage(11, LogLevel.Debug, "{Mirror} failed for {Path}: {Fact}")]
    public partial void AttemptFailed(string mirror, string path, string fact);

    /// <summary>What was known of mirrors cannot be read.</summary>
    [LoggerMessage(12, LogLevel.Warning,
        "What was known of mirrors is left unread, in {File}: {Fact}")]
    public partial void MemoryIgnored(string file, string fact);

    /// <summary>What is known of mirrors cannot be kept.</summary>
    [LoggerMessage(13, LogLevel.Warning,
        "What is known of mirrors is not kept in {File}: {Fact}")]
    public partial void MemoryNotKept(string file, string fact);

    /// <summary>A mirror answers nothing, or next to nothing, in time.</summary>
    [LoggerMessage(14, LogLevel.Information,
        "The mirror {Mirror} is left alone for a moment: others brought what it was late with")]
    public partial void Late(string mirror);
}
