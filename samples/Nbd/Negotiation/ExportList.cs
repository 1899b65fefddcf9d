using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Negotiation;

/// <summary>The exports of a server; the first is what a client gets that names none.</summary>
internal sealed class ExportList
{
    private readonly NbdExport[] _exports;

    public ExportList(IReadOnlyList<NbdExport> exports)
    {
        if (exports.Count == 0)
        {
            throw new ArgumentException("A server needs an export.", nameof(exports));
        }

        if (exports.GroupBy(export => export.Name, StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"Two exports have the name '{twice.Key}'.", nameof(exports));
        }

        _exports = [.. exports];
    }

    public IReadOnlyList<NbdExport> All => _exports;

    public NbdExport? Find(ReadOnlySpan<byte> name)
    {
        foreach (NbdExport export in _exports)
        {
            if (name.SequenceEqual(export.NameBytes)) { return export; }
        }

        return name.IsEmpty ? _exports[0] : null;
    }

    public static TransmissionFlags FlagsOf(NbdExport export, bool structured)
    {
        // Flush and FUA reach the one export that all connections share, so several are safe.
        TransmissionFlags flags = TransmissionFlags.HasFlags | TransmissionFlags.SendFlush
            | TransmissionFlags.SendFua | TransmissionFlags.SendCache
            | TransmissionFlags.CanMultiConn;
        flags |= export.CanWrite
            ? TransmissionFlags.SendTrim | TransmissionFlags.SendWriteZeroes
                | TransmissionFlags.SendFastZero
            : TransmissionFlags.ReadOnly;
        return structured ? flags | TransmissionFlags.SendDontFragment : flags;
    }
}
