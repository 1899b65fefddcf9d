using Xunit;

namespace VMSeed.Testing.Peers;

/// <summary>The real <c>qemu-io</c>: reads and writes inside an image, as a guest would.</summary>
public static class QemuIo
{
    /// <summary>Runs commands on an image, in order, and fails the test where one fails.</summary>
    /// <param name="path">The image.</param>
    /// <param name="format">QEMU's name of its format.</param>
    /// <param name="commands">Made by the members below, or any other that qemu-io has.</param>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(
        string path, string format, params IEnumerable<string> commands)
    {
        // A failed comparison of "read -P" ends with code 0 in some versions: the text tells.
        string output = await PeerProgram.OutputAsync(
            "qemu-io",
            ["-f", format, .. commands.SelectMany(command => new[] { "-c", command }), path]);
        Assert.DoesNotContain("failed", output, StringComparison.OrdinalIgnoreCase);
        return output;
    }

    /// <summary>Writes one byte value over a range.</summary>
    public static string Write(long offset, long length, byte value) =>
        $"write -P {value} {offset} {length}";

    /// <summary>Writes zeros over a range; with <paramref name="unmap"/>, gives its storage
    /// back.</summary>
    public static string Zero(long offset, long length, bool unmap = false) =>
        $"write -z {(unmap ? "-u " : "")}{offset} {length}";

    /// <summary>Discards a range.</summary>
    public static string Discard(long offset, long length) => $"discard {offset} {length}";

    /// <summary>Fails unless a range holds one byte value.</summary>
    public static string Read(long offset, long length, byte value) =>
        $"read -P {value} {offset} {length}";

    /// <summary>Makes all that came before durable.</summary>
    public static string Flush() => "flush";
}
