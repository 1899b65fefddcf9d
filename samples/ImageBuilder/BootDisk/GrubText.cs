namespace VMSeed.ImageBuilder.BootDisk;

/// <summary>Words for GRUB's scripts.</summary>
internal static class GrubText
{
    /// <summary>A word that means itself, whatever is in it.</summary>
    public static string Quote(string word) => "'" + word.Replace("'", "'\\''") + "'";

    /// <summary>The words of a text, each so that it means itself. A publisher's arguments reach
    /// the kernel, and are no commands to GRUB.</summary>
    public static string QuoteWords(string text) => string.Join(
        ' ',
        text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(
            word => word.All(IsPlain) ? word : Quote(word)));

    private static bool IsPlain(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || "._-=,:/+@%".Contains(letter);
}
