using Microsoft.Extensions.Logging;

namespace VMSeed.Blocks.Trust.Freshness;

/// <summary>What the memory of heads tells its user.</summary>
internal static partial class FreshnessLog
{
    [LoggerMessage(
        LogLevel.Warning,
        "What was remembered of the image {Request} in {File} is damaged and counts as lost: an"
        + " older version could be passed off as the newest, this once.")]
    public static partial void Damaged(ILogger logger, string request, string file);

    [LoggerMessage(
        LogLevel.Warning,
        "The version of the image {Request} is remembered in this process only, for {File} cannot"
        + " be used.")]
    public static partial void Unwritable(
        ILogger logger, Exception exception, string request, string file);

    [LoggerMessage(
        LogLevel.Warning,
        "Version {Version} of the image {Request} expired on {Expires:u}. It was accepted before"
        + " that, and is used for want of a newer one.")]
    public static partial void UsingExpired(
        ILogger logger, string request, long version, DateTimeOffset expires);
}
