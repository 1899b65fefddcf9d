namespace VMSeed.Gslb.Health;

/// <summary>Files that a site was asked for lately, and had not, or had in an older
/// version.</summary>
/// <remarks>
/// A mirror that is half copied, or late, is as good as any for what it has: so what it lacks is
/// remembered file by file, beside the share that <see cref="SiteHealth"/> keeps. A table with one
/// place for each hash: a file that falls on another's place takes it, and the other is asked for
/// once more, which is all that a small table costs.
/// </remarks>
internal sealed class LackedFiles
{
    // 4 KiB a site that lacks anything. Fewer: a reader of a half copied repository asks in vain
    // again and again; more are hardly met in the time below.
    private const int Places = 256;

    // Copies run every few minutes or hours, and a file that has come meanwhile is to be found
    // soon: one question a minute costs nothing.
    private const double Memory = 60_000;

    private (ulong File, double Until)[]? _table;

    /// <summary>A file is not there.</summary>
    /// <param name="file">Stands for it; 0 for none.</param>
    /// <param name="now">The time.</param>
    public void Add(ulong file, double now)
    {
        if (file != 0)
        {
            _table ??= new (ulong, double)[Places];
            _table[PlaceOf(file)] = (file, now + Memory);
        }
    }

    /// <summary>A file is there.</summary>
    /// <param name="file">Stands for it.</param>
    public void Remove(ulong file)
    {
        if (_table is not null && _table[PlaceOf(file)].File == file)
        {
            _table[PlaceOf(file)] = default;
        }
    }

    /// <summary>Whether a file was not there lately.</summary>
    /// <param name="file">Stands for it.</param>
    /// <param name="now">The time.</param>
    /// <returns>True while that is remembered.</returns>
    public bool Contains(ulong file, double now) =>
        _table is not null && _table[PlaceOf(file)] is var (known, until)
        && known == file && now < until;

    // The top bits of a product: whatever bits of a hash differ, they depend on them.
    private static int PlaceOf(ulong file) => (int)((file * 0x9E37_79B9_7F4A_7C15) >> 56);
}
