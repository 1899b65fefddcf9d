namespace VMSeed.Fuse.Protocol.Messages;

/// <summary>FOPEN_ flags.</summary>
[Flags]
internal enum OpenReplyFlags : uint
{
    None = 0,

    /// <summary>Every read reaches us; the page cache is not used.</summary>
    DirectIo = 1 << 0,

    /// <summary>What the page cache holds of the file outlives this opening.</summary>
    KeepCache = 1 << 1,

    /// <summary>The kernel may keep the directory's listing.</summary>
    CacheDir = 1 << 3,
}
