using System.Buffers.Binary;
using VMSeed.Blocks;
using VMSeed.Disks.Drivers;
using static VMSeed.Disks.Formats.Vdi.VdiConstants;

namespace VMSeed.Disks.Formats.Vdi;

/// <summary>Makes new images.</summary>
internal static class VdiCreation
{
    public static async ValueTask CreateAsync(
        CreateRequest request, CancellationToken cancellationToken)
    {
        VdiHeader header = VdiLayout.New(request);
        BlockDevice file = request.File;
        await file.SetLengthAsync(
            header.DataOffset + (header.Allocated * header.Stride), cancellationToken)
            .ConfigureAwait(false);
        await file.WriteAsync(0, header.ToBytes(), cancellationToken).ConfigureAwait(false);
        byte[] entries = new byte[64 * 1024];
        for (long at = header.MapOffset; at < header.DataOffset; at += entries.Length)
        {
            int count = (int)Math.Min(entries.Length, header.DataOffset - at);
            Fill(entries.AsSpan(0, count), (at - header.MapOffset) / sizeof(uint), header);
            await file.WriteAsync(at, entries.AsMemory(0, count), cancellationToken)
                .ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    // A fixed image has every block at its own number.
    private static void Fill(Span<byte> entries, long block, VdiHeader header)
    {
        for (int at = 0; at < entries.Length; at += sizeof(uint), block++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                entries[at..], block < header.Allocated ? (uint)block : FreeEntry);
        }
    }
}
