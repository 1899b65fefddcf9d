namespace VMSeed.Disks.Binary;

/// <summary>Why a disk image cannot be opened or used.</summary>
public enum DiskFault
{
    /// <summary>No known format begins, or ends, like this.</summary>
    Unrecognized = 0,

    /// <summary>The image contradicts itself or its format.</summary>
    Corrupt = 1,

    /// <summary>The image is sound, and uses what this library does not know.</summary>
    Unsupported = 2,

    /// <summary>A file that the image needs (a parent, an extent) is not there.</summary>
    MissingFile = 3,

    /// <summary>A file that the image names lies outside of what the caller granted.</summary>
    NotGranted = 4,

    /// <summary>A parent is not the one that the image was made over.</summary>
    WrongParent = 5,

    /// <summary>The image cannot become larger: its format, or its tables, end here.</summary>
    Full = 6,

    /// <summary>The image has no snapshot of the name that was asked for.</summary>
    MissingSnapshot = 7,
}
