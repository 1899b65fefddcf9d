namespace VMSeed.Disks.Formats.Qcow2.Space;

// The order of a commit. Whatever power loss leaves of it, no pointer aims at a cluster that is not
// counted or not written, and a cluster is not counted as free while anything points at it:
//
//   data, and refcounts that grow
//   flush · the table of refcount blocks · flush · the header, where that table has moved
//   flush · L2 entries
//   flush · L1 entries
//   flush · refcounts that fall, of what the entries above no longer name
//   flush
//
// A step without changes costs nothing, so that a commit of new clusters has two flushes, and one
// that frees clusters three. With lazy refcounts both would have two, and a crash a pass over the
// whole image: README.md has the measurement.

/// <summary>When tables are written.</summary>
internal static class Qcow2Ranks
{
    /// <summary>Refcounts.</summary>
    public const int Counts = 0;

    /// <summary>Where blocks of refcounts lie; and new L1 tables, which the header names
    /// later.</summary>
    public const int CountTable = 1;

    /// <summary>L2 entries.</summary>
    public const int L2 = 2;

    /// <summary>L1 entries.</summary>
    public const int L1 = 3;
}
