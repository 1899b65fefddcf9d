using System.Text.RegularExpressions;

namespace VMSeed.PublicApi.Tests.Snippets;

/// <summary>A piece of C# on a page, as a reader would copy it.</summary>
/// <remarks>
/// Most snippets stand alone. One that goes on from what the text has told says so in a comment
/// that
/// the page does not show, right before it:
/// <code>
/// &lt;!-- given: Uri uri; LazyDiskOptions options --&gt;
/// ```csharp
/// </code>
/// A package's page is shown by galleries that print such comments: there, snippets stand alone.
/// </remarks>
/// <param name="Page">The page's path in the repository.</param>
/// <param name="Line">The line of the page on which the code begins.</param>
/// <param name="Given">Declarations of what the snippet takes for granted.</param>
/// <param name="Code">The code.</param>
internal sealed partial record Snippet(string Page, int Line, string[] Given, string Code)
{
    public static IEnumerable<Snippet> AllOf(string page, string text) =>
        from match in Fence.Matches(text)
        let code = match.Groups["code"]
        select new Snippet(
            page,
            text[..code.Index].Count(c => c == '\n') + 1,
            match.Groups["given"].Value.Split(
                ';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            code.Value);

    [GeneratedRegex(
        @"(?:^<!--\s*given:(?<given>[^>]*?)-->\s*\n)?^```(?:csharp|cs|c#)[^\n]*\n(?<code>.*?)^```",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence { get; }
}
