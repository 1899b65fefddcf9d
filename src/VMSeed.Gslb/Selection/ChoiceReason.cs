namespace VMSeed.Gslb.Selection;

/// <summary>Why a site was chosen.</summary>
internal enum ChoiceReason
{
    /// <summary>It is the best now, or as good as the best.</summary>
    Best = 0,

    /// <summary>Nothing is known of it, and nobody waits for this request.</summary>
    Unmeasured = 1,

    /// <summary>It has not been measured for a while, and nobody waits for this request.</summary>
    Exploration = 2,

    /// <summary>Its ejection is over; this request tells whether it is back.</summary>
    Probation = 3,

    /// <summary>All healthy sites are excluded: the best of the others.</summary>
    Panic = 4,
}
