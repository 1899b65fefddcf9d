using VMSeed.Blocks;
using VMSeed.Disks.Binary;
using static VMSeed.Disks.Formats.Vhdx.VhdxConstants;

namespace VMSeed.Disks.Formats.Vhdx.Structures;

/// <summary>The two headers of a file: the newer one counts, the other is written next.</summary>
internal sealed class VhdxHeaders
{
    private readonly bool _isFirst;

    private VhdxHeaders(VhdxHeader current, bool isFirst, bool hasTwo) =>
        (Current, _isFirst, HasTwo) = (current, isFirst, hasTwo);

    public VhdxHeader Current { get; }

    /// <summary>Whether both are whole.</summary>
    public bool HasTwo { get; }

    /// <summary>Reads both.</summary>
    /// <exception cref="DiskFormatException">Neither can be the current one.</exception>
    public static async ValueTask<VhdxHeaders> ReadAsync(
        BlockDevice file, CancellationToken cancellationToken)
    {
        if (file.Length < HeaderSectionLength)
        {
            throw DiskFormatException.Corrupt(
                $"The VHDX ends after {file.Length} bytes; its headers take "
                + $"{HeaderSectionLength}.");
        }

        byte[] bytes = new byte[2 * HeaderLength];
        await file.ReadAsync(FirstHeaderOffset, bytes.AsMemory(0, HeaderLength), cancellationToken)
            .ConfigureAwait(false);
        await file.ReadAsync(SecondHeaderOffset, bytes.AsMemory(HeaderLength), cancellationToken)
            .ConfigureAwait(false);
        VhdxHeaders headers = Choose(
            VhdxHeader.TryParse(bytes.AsSpan(0, HeaderLength)),
            VhdxHeader.TryParse(bytes.AsSpan(HeaderLength)));
        headers.Current.Check(file.Length);
        return headers;
    }

    /// <summary>Writes a change into the older header, and then into the other: whenever the power
    /// goes, one of them is whole.</summary>
    /// <param name="file">The file.</param>
    /// <param name="change">What makes the new header of the old; it numbers it itself.</param>
    /// <param name="cancellationToken">Gives the work up between the two.</param>
    /// <returns>The headers as they are now, durably.</returns>
    public async ValueTask<VhdxHeaders> WriteAsync(
        BlockDevice file,
        Func<VhdxHeader, VhdxHeader> change,
        CancellationToken cancellationToken)
    {
        VhdxHeader next = change(Current);
        bool isFirst = _isFirst;
        for (int i = 0; i < 2; i++)
        {
            next = next with { Sequence = next.Sequence + 1 };
            isFirst = !isFirst;
            await file.WriteAsync(
                isFirst ? FirstHeaderOffset : SecondHeaderOffset,
                next.ToBytes(),
                cancellationToken).ConfigureAwait(false);
            await file.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        return new VhdxHeaders(next, isFirst, hasTwo: true);
    }

    // Equal numbers are an error by the letter; disk2vhd writes them, on headers that are otherwise
    // equal too, and then it does not matter which one counts.
    private static VhdxHeaders Choose(VhdxHeader? first, VhdxHeader? second)
    {
        if (first is null && second is null)
        {
            throw DiskFormatException.Corrupt("Both headers of the VHDX are damaged.");
        }

        if (first is not null && second is not null && first.Sequence == second.Sequence
            && first != second)
        {
            throw DiskFormatException.Corrupt(
                $"Both headers of the VHDX have the number {first.Sequence}, and they differ.");
        }

        bool isFirst = second is null || (first is not null && first.Sequence >= second.Sequence);
        return new VhdxHeaders(
            isFirst ? first! : second!, isFirst, first is not null && second is not null);
    }
}
