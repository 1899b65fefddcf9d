using System.Reflection;
using VMSeed.PublicApi.Tests.Snippets;

namespace VMSeed.PublicApi.Tests;

/// <summary>What the pages show can be copied and compiles.</summary>
public sealed class SnippetTests
{
    public static TheoryData<string> Pages =>
        [.. Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(name => name.EndsWith("README.md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_snippet_compiles(string page)
    {
        string[] errors =
            [.. Snippet.AllOf(page, Read(page)).SelectMany(SnippetCompiler.Errors)];
        Assert.True(errors.Length == 0, string.Join('\n', errors) + """

            Mend the snippet; what it takes for granted is declared before its fence, in a comment:
            <!-- given: Uri uri; LazyDiskOptions options -->
            """);
    }

    [Fact]
    public void The_library_shows_how_it_is_used() =>
        Assert.NotEmpty(Snippet.AllOf("", Read("src/VMSeed.Blocks/README.md")));

    [Theory]
    [InlineData("<!-- given: int a; int b -->\n```csharp\nConsole.Write(a + b);\n```\n", 0)]
    [InlineData("```csharp\nusing System.Text;\nvar s = new StringBuilder();\nrecord R;\n```\n", 0)]
    [InlineData("```csharp\nawait Task.Yield();\n```\ntext\n```csharp\nNowhere();\n```\n", 1)]
    [InlineData("```sh\nno C# at all\n```\n", 0)]
    public void A_bad_snippet_is_found(string text, int errors) => Assert.Equal(
        errors, Snippet.AllOf("x.md", text).SelectMany(SnippetCompiler.Errors).Count());

    [Fact]
    public void An_error_names_the_line_of_the_page()
    {
        const string Text = "# Title\n\n```csharp\nusing System.Text;\n\nNowhere();\n```\n";
        string error = Assert.Single(
            SnippetCompiler.Errors(Assert.Single(Snippet.AllOf("x.md", Text))));
        Assert.StartsWith("x.md:6: ", error, StringComparison.Ordinal);
    }

    private static string Read(string page)
    {
        using StreamReader reader = new(
            Assembly.GetExecutingAssembly().GetManifestResourceStream(page)!);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
