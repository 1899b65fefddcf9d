namespace VMSeed.Nbd;

/// <summary>What an export knows about a range before it is read.</summary>
public enum NbdExtentKind
{
    /// <summary>Bytes that a read brings.</summary>
    Data = 0,

    /// <summary>A hole: it reads as zeros and occupies nothing.</summary>
    Zero = 1,

    /// <summary>Bytes that are not local yet: a read fetches them first.</summary>
    Absent = 2,
}
