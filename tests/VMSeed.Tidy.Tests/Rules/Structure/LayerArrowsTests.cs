using VMSeed.Tidy.Tests.Tree;

namespace VMSeed.Tidy.Tests.Rules.Structure;

public sealed class LayerArrowsTests
{
    private static readonly (string, string)[] Base =
    [
        ("src/VMSeed.Blocks/BlockDevice.cs", "namespace VMSeed.Blocks; class BlockDevice;"),
        ("src/VMSeed.Blocks/Facade.cs", "namespace VMSeed.Blocks; class Facade;"),
        ("src/VMSeed.Blocks/Images/Head.cs",
            "namespace VMSeed.Blocks.Images; static class Head { public static int Now; }"),
    ];

    [Theory]
    [InlineData("class X(BlockDevice d);")]
    [InlineData("class X(System.Net.Http.HttpClient c);")]
    [InlineData("/// <summary><see cref=\"Reading.None\"/></summary> class X;")]
    public void A_layer_uses_what_is_below(string code) =>
        Assert.Empty(Check("VMSeed.Blocks", "Trust", code));

    [Theory]
    [InlineData("class X(Facade f);", "Facade of the root")]
    [InlineData("class X { int F() => VMSeed.Blocks.Images.Head.Now; }", "Head of Images")]
    [InlineData("class X { int F() => Images.Head.Now; }", "Head of Images")]
    [InlineData("class X { int F() => global::VMSeed.Blocks.Images.Head.Now; }", "Head of Images")]
    public void A_layer_does_not_look_up(string code, string named) =>
        Assert.Contains(named, Assert.Single(Check("VMSeed.Blocks", "Trust", code)).Message);

    [Fact]
    public void An_alias_hides_nothing()
    {
        const string Code = "using static VMSeed.Blocks.Images.Head; class X { int F() => Now; }";
        Assert.NotEmpty(Check("VMSeed.Blocks", "Trust", Code));
        Assert.Empty(Check("VMSeed.Blocks", "Reading", Code));
    }

    [Theory]
    [InlineData("VMSeed.Disks", "Mapping", 0)]
    [InlineData("VMSeed.Gslb", "Mirrors", 1)]
    public void Only_disks_knows_blocks(string library, string folder, int faults) =>
        Assert.Equal(faults, Check(library, folder, "class X(VMSeed.Blocks.Facade f);").Length);

    [Fact]
    public void A_new_folder_asks_for_its_place() =>
        Assert.Contains("Layers.cs", Assert.Single(Check("VMSeed.Blocks", "New", "")).Message);

    private static Finding[] Check(string library, string folder, string code)
    {
        string text = $"namespace {library}.{folder};\n{code}";
        SourceTree tree = SourceTree.Of([.. Base, ($"src/{library}/{folder}/X.cs", text)]);
        return [.. new LayerArrows().Check(tree)];
    }
}
