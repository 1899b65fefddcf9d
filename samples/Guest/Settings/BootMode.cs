namespace VMSeed.Guest.Settings;

/// <summary>What a boot does with the seed's cache and with the user's changes.</summary>
internal enum BootMode
{
    /// <summary>Both are used and kept.</summary>
    Boot = 0,

    /// <summary>The changes are neither read nor written.</summary>
    Clean = 1,

    /// <summary>The changes are deleted first.</summary>
    Reset = 2,

    /// <summary>The whole image is fetched first.</summary>
    Prefetch = 3,

    /// <summary>Nothing is written to the seed disk.</summary>
    Memory = 4,

    /// <summary>The newest version, whatever the changes were made on.</summary>
    Update = 5,
}
