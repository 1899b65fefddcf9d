using System.Buffers.Binary;
using System.Text;

namespace VMSeed.ImageBuilder.Boot.Kernels;

/// <summary>What a kernel for x86 says of itself (the kernel's Documentation/arch/x86/boot.rst:
/// "The Real-Mode Kernel Header").</summary>
internal static class KernelImage
{
    private const int MarkOffset = 0x202;
    private const int VersionPointer = 0x20E;
    private const int VersionBase = 0x200;

    // The setup code, within which the text lies, is at most 64 sectors.
    private const int HeaderLength = VersionBase + (64 * 512);

    // uname's own limit.
    private const int MaxRelease = 64;

    /// <summary>Reads the release of a kernel: what <c>uname -r</c> says in it.</summary>
    /// <param name="path">The kernel's file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The release; null where the file is no kernel (bzImage).</returns>
    public static async ValueTask<string?> FindReleaseAsync(
        string path, CancellationToken cancellationToken)
    {
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        await using (file)
        {
            byte[] header = new byte[HeaderLength];
            int length = await file.ReadAtLeastAsync(
                header, header.Length, throwOnEndOfStream: false, cancellationToken);
            return Parse(header.AsSpan(0, length));
        }
    }

    /// <summary>Reads the release out of a kernel's begin.</summary>
    internal static string? Parse(ReadOnlySpan<byte> header)
    {
        if (header.Length < VersionPointer + sizeof(ushort)
            || !header[MarkOffset..].StartsWith("HdrS"u8))
        {
            return null;
        }

        int offset = VersionBase
            + BinaryPrimitives.ReadUInt16LittleEndian(header[VersionPointer..]);
        if (offset == VersionBase || offset >= header.Length)
        {
            return null;
        }

        // "RELEASE (builder@host) #1 SMP …", and a zero.
        ReadOnlySpan<byte> text = header[offset..];
        int end = text.IndexOfAny((byte)' ', (byte)0);
        return end is > 0 and <= MaxRelease
            && Encoding.ASCII.GetString(text[..end]) is var release && Name.IsPlain(release)
            ? release
            : null;
    }
}
