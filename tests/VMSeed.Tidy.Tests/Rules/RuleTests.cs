using VMSeed.Tidy.Tests.Rules.Build;
using VMSeed.Tidy.Tests.Rules.Code;
using VMSeed.Tidy.Tests.Rules.Structure;
using VMSeed.Tidy.Tests.Rules.Text;
using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules;

/// <summary>Each rule names what breaks it, with its line, and lets the right form pass.</summary>
public sealed class RuleTests
{
    private const string A = "src/VMSeed.Blocks/A.cs";

    private const string Central = "Directory.Packages.props";

    private static readonly string Long = new('x', LineLength.Columns);

    /// <summary>Rule, path, a text that breaks it, the line that is named, and a text that keeps
    /// it.</summary>
    public static TheoryData<string, string, string, int, string> Cases => new()
    {
        { nameof(LineLength), A, $"\n{Long}x", 2, Long },
        { nameof(FileLength), A, new string('\n', FileLength.Lines) + "x", 401, "x\n" },
        { nameof(ForbiddenWords), A, "\n#reg" + "ion Fields", 2, "int regions;" },
        { nameof(ForbiddenWords), A, "// TO" + "DO: later", 1, "int Todos;" },
        { nameof(MachinePaths), "x.md", "see /ro" + "ot/x", 1, "mount /dev/vda1 /new/ro" + "ot/x" },
        { nameof(MachinePaths), "x.sh", "at https://a" + "pi.nuget.org/v3", 1, "a nuget package" },
        { nameof(FolderName), "src/Utils/A.cs", "", 1, "" },
        { nameof(NamespaceIsFolder), "src/P/Deep/A.cs", "\nnamespace P;", 2, "namespace P.Deep;" },
        { nameof(OneTypeAFile), A, "class A;\nclass B;", 2, "class A { class C; }\nfile class B;" },
        { nameof(OneTypeAFile), A, "delegate void B();", 1, "class A<T>;" },
        { nameof(FunctionLength), A, Function(61), 2, Function(60) },
        { nameof(FunctionLength), A, "int a;\n" + new string('\n', 60) + "a = 1;", 1, "int a;" },
        { nameof(ClosedTypes), A, "\nclass A;", 2, "sealed class A;" },
        { nameof(ClosedTypes), A, "record A;", 1, "/// Inherit from it.\nclass A;" },
        { nameof(ClosedTypes), A, "struct A;", 1, "readonly record struct A;" },
        { nameof(NoAsyncFlags), A, "void F(bool async) { }", 1, "void F(bool wait) { }" },
        { nameof(NoSwallowedExceptions), A, Catch("Exception", "/**/"), 1, Catch("X", "F();") },
        { nameof(NoSwallowedExceptions), A, Catch("X", ""), 1, Catch("X", "/* why */") },
        { nameof(PackagesAreArgued), Central, Package(""), 2, Package("<!-- Why. -->") },
        { nameof(VersionsAreCentral), "p.csproj", Reference("Version='1'"), 1, Reference("") },
        { nameof(LogsInOnePlace), A, Logs("A") + "\n" + Logs("B"), 2, Logs("A") },
        { nameof(LinksExist), "docs/a.md", "\n[x](b.md#c)", 2, "[x](a.md#c) [y](https://x.org/b)" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Names_the_line(string rule, string path, string bad, int line, string good)
    {
        Finding finding = Assert.Single(Check(rule, path, bad));
        Assert.Equal(line, finding.Line);
        Assert.StartsWith(path.Split('/')[0], finding.Path, StringComparison.Ordinal);
        Assert.EndsWith(".", finding.Message, StringComparison.Ordinal);
        Assert.Empty(Check(rule, path.Replace("Utils", "Codecs", StringComparison.Ordinal), good));
    }

    [Fact]
    public void A_folder_holds_fifteen_files()
    {
        (string, string)[] files =
            [.. Enumerable.Range(0, 16).Select(i => ($"src/P/{i}.cs", ""))];
        FolderSize rule = new();
        Assert.Single(rule.Check(SourceTree.Of(files)));
        Assert.Empty(rule.Check(SourceTree.Of(files[1..])));
    }

    [Fact]
    public void Every_rule_has_a_case()
    {
        string[] tested =
            [.. Cases.Select(c => c.Data.Item1), nameof(FolderSize), nameof(LayerArrows)];
        Assert.Empty(House.Rules.Keys.Except(tested));
    }

    private static Finding[] Check(string rule, string path, string text) =>
        [.. House.Rules[rule].Check(SourceTree.Of(("src/P/P.csproj", "<Project/>"), (path, text)))];

    private static string Function(int lines) =>
        "class A {\nvoid F()\n{" + new string('\n', lines - 2) + "} }";

    private static string Catch(string type, string body) =>
        $"try {{ F(); }} catch ({type}) {{ {body} }}";

    private static string Package(string comment) =>
        $"<Project><PackageVersion Include='A'/><!-- Needed. -->\n"
        + $"<PackageVersion Include='B'/>{comment}</Project>";

    private static string Logs(string name) =>
        $"partial class {name} {{ [LoggerMessage(1)] partial void F(); }}";

    private static string Reference(string version) =>
        $"<Project><PackageReference Include='A' {version}/></Project>";
}
