namespace VMSeed.Disks.Mapping;

/// <summary>Where the bytes of a run are.</summary>
internal enum RunKind
{
    /// <summary>Nowhere: they are zeros, whatever a parent has.</summary>
    Zero,

    /// <summary>As they are, in a store.</summary>
    Data,

    /// <summary>At the same offset of the parent; zeros past its end, or without one.</summary>
    Parent,

    /// <summary>In a store, compressed: the map unpacks them, a unit at a time.</summary>
    Packed,
}
