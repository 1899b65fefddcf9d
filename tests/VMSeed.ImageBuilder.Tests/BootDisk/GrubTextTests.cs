using VMSeed.ImageBuilder.BootDisk;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.BootDisk;

/// <summary>Words that mean themselves; a POSIX shell quotes as GRUB does.</summary>
public sealed class GrubTextTests
{
    [Fact]
    public async Task A_shell_reads_quoted_words_as_they_were()
    {
        Random random = new(1);
        string[] words =
        [
            "a", "it's", "''", "$(reboot)", "a;b", "\"", "\\", "{ halt }", "`x`",
            .. Enumerable.Range(0, 500).Select(_ => Word(random)),
        ];
        string read = await PeerProgram.OutputAsync(
            "sh", "-c", $"printf '%s\\n' {string.Join(' ', words.Select(GrubText.Quote))}");
        Assert.Equal(words, read.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_shell_reads_a_text_as_the_words_in_it()
    {
        Random random = new(2);
        string text = string.Join(
            ' ', Enumerable.Range(0, 500).Select(_ => Word(random).Replace(" ", "x")));
        string read = await PeerProgram.OutputAsync(
            "sh", "-c", $"printf '%s\\n' {GrubText.QuoteWords(text)}");
        Assert.Equal(text.Split(' '), read.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void Plain_words_stay_as_they_are() =>
        Assert.Equal(
            "quiet net.ifnames=0 root=UUID=1-2,rw",
            GrubText.QuoteWords("quiet  net.ifnames=0\troot=UUID=1-2,rw "));

    private static string Word(Random random) => string.Concat(
        Enumerable.Range(0, random.Next(1, 12)).Select(_ => (char)random.Next(0x20, 0x7F)));
}
