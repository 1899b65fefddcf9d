using System.Buffers.Binary;

namespace VMSeed.Nbd.Negotiation;

/// <summary>Reads the data of an option, none of which is to be believed.</summary>
/// <param name="bytes">The data.</param>
internal ref struct OptionData(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsEmpty => _rest.IsEmpty;

    public bool TryUInt16(out ushort value)
    {
        bool there = BinaryPrimitives.TryReadUInt16BigEndian(_rest, out value);
        _rest = there ? _rest[sizeof(ushort)..] : _rest;
        return there;
    }

    public bool TryUInt32(out uint value)
    {
        bool there = BinaryPrimitives.TryReadUInt32BigEndian(_rest, out value);
        _rest = there ? _rest[sizeof(uint)..] : _rest;
        return there;
    }

    /// <summary>Reads a text that its length precedes.</summary>
    public bool TryText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!TryUInt32(out uint length) || length > _rest.Length
            || length > NbdExport.MaxTextLength)
        {
            return false;
        }

        text = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }
}
