namespace VMSeed.Gslb.Hedging;

/// <summary>What the driver of a fetch does next.</summary>
internal enum FetchActionKind
{
    /// <summary>Wait for an event, at the longest until the action's due time.</summary>
    Wait = 0,

    /// <summary>Begin the action's attempt.</summary>
    Send = 1,

    /// <summary>Give the action's attempt up; what still comes of it is not told.</summary>
    Cancel = 2,

    /// <summary>The action's attempt has brought the content. Attempts that are still live are
    /// let go on, and what comes of them is told: they were a race for samples.</summary>
    Succeed = 3,

    /// <summary>There is no more that could be tried; the action's attempt failed last, where
    /// there was one.</summary>
    Fail = 4,
}
