using System.Text;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Mirrors.Lists;

namespace VMSeed.Gslb.Tests.Mirrors.Lists;

public sealed class MetalinkTests
{
    /// <summary>In the manner of the example of RFC 5854 section 1.1, with more around
    /// it.</summary>
    internal const string Example = """
        <?xml version="1.0" encoding="UTF-8"?>
        <metalink xmlns="urn:ietf:params:xml:ns:metalink" xmlns:x="urn:other">
          <published>2026-05-15T12:23:23Z</published>
          <!-- of the mirrors' robot -->
          <file name="images/debian.vmseed">
            <identity>Debian</identity>
            <size>14471447</size>
            <hash type="sha-256">80BC95FD391772FA61C91ED68567F0980BB45FD9</hash>
            <pieces length="1048576" type="sha-256"><hash>aa</hash></pieces>
            <url location="DE" priority="2">https://two.example/vm/images/debian.vmseed</url>
            <url location="us" priority="1">http://one.example/images/debian.vmseed</url>
            <url priority="1">ftp://one.example/images/debian.vmseed</url>
            <url><![CDATA[ https://last.example/images/debian.vmseed ]]></url>
            <x:url>https://no.example/</x:url>
            <metaurl mediatype="torrent">https://no.example/f.torrent</metaurl>
          </file>
          <file name="other"/>
        </metalink>
        """;

    [Fact]
    public void A_document_is_read_in_the_order_of_its_priorities()
    {
        IReadOnlyList<MetalinkFile> files = Read(Example);
        Assert.Equal(["images/debian.vmseed", "other"], files.Select(file => file.Name));
        Assert.Equal(14471447, files[0].Size);
        Assert.Equal(
            "80bc95fd391772fa61c91ed68567f0980bb45fd9", Assert.Single(files[0].Hashes).Value);
        Assert.Equal(
            ["one.example", "two.example", "last.example"],
            files[0].Addresses.Select(mirror => mirror.Address.Host));
        Mirror second = files[0].Addresses[1];
        Assert.Equal((2, "de"), (second.Priority, second.Location));
        Assert.Null(files[0].Addresses[2].Priority);
        Assert.Empty(files[1].Addresses);
    }

    [Fact]
    public void Roots_are_what_is_left_when_the_files_path_is_taken_off()
    {
        IReadOnlyList<Mirror> roots =
            MirrorRoots.Of(Read(Example)[0].Addresses, "images/debian.vmseed");
        Assert.Equal(
            ["http://one.example/", "https://two.example/vm/", "https://last.example/"],
            roots.Select(root => root.Address.AbsoluteUri));
        Assert.Empty(MirrorRoots.Of(Read(Example)[0].Addresses, "images/other.vmseed"));
        Mirror root = new(new Uri("https://a.example/vm/"));
        Assert.Equal([root], MirrorRoots.Of([root, root], "images/debian.vmseed"));
    }

    [Theory]
    [InlineData("<metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\"/>", "no metalink")]
    [InlineData("<html><body/></html>", "no metalink")]
    [InlineData("", "cannot be read")]
    [InlineData("<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\"><file", "cannot be read")]
    [InlineData(
        "<!DOCTYPE m [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"
        + "<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\"><file name=\"f\">"
        + "<url>&a;</url></file></metalink>",
        "DTD")]
    public void What_is_no_metalink_is_refused(string document, string saying) =>
        Refuse(document, saying);

    [Theory]
    [InlineData("name=\"../f\"", "<url>http://a.example/</url>", "leads elsewhere")]
    [InlineData("name=\"/etc/passwd\"", "", "leads elsewhere")]
    [InlineData("", "", "leads elsewhere")]
    [InlineData("name=\"f\"", "<url priority=\"0\">http://a.example/</url>", "priority is '0'")]
    [InlineData("name=\"f\"", "<url priority=\"1000000\">http://a.example/</url>", "priority")]
    [InlineData("name=\"f\"", "<url location=\"Bonn\">http://a.example/</url>", "two letters")]
    [InlineData("name=\"f\"", "<size>-1</size>", "no number of bytes")]
    [InlineData("name=\"f\"", "<hash type=\"sha-256\">xyz</hash>", "hexadecimal")]
    [InlineData("name=\"f\"", "<url>http://a.example/<b/></url>", "another in it")]
    public void What_breaks_a_rule_is_named(string attributes, string content, string saying) =>
        Refuse(Wrap($"<file {attributes}>{content}</file>"), saying);

    [Fact]
    public void Too_much_is_refused()
    {
        string address = "<url>http://a.example/f</url>";
        Refuse(
            Wrap($"<file name=\"f\">{string.Concat(Enumerable.Repeat(address, 1001))}</file>"),
            "more than 1000 addresses");
        Refuse(
            Wrap(string.Concat(Enumerable.Repeat("<file name=\"f\"/>", 101))),
            "more than 100 files");
        Refuse(
            Wrap($"<file name=\"f\"><url>{new string('a', 9000)}</url></file>"), "longer than");
        Refuse(Wrap(new string(' ', Metalink.MaxCharacters)), "cannot be read");
    }

    [Theory]
    [InlineData("http://user:word@a.example/f")]
    [InlineData("http://a.example/f#part")]
    [InlineData("file:///f")]
    [InlineData("/f")]
    [InlineData("http://")]
    [InlineData("http://a b/")]
    public void An_address_that_no_mirror_can_have_is_left_out(string address) =>
        Assert.Empty(
            Read(Wrap($"<file name=\"f\"><url>{address}</url></file>"))[0].Addresses);

    private static string Wrap(string content) =>
        $"<metalink xmlns=\"urn:ietf:params:xml:ns:metalink\">{content}</metalink>";

    private static void Refuse(string document, string saying)
    {
        FormatException fault = Assert.Throws<FormatException>(() => Read(document));
        Assert.Contains(saying, fault.Message);
        Assert.EndsWith(".", fault.Message);
    }

    private static IReadOnlyList<MetalinkFile> Read(string document) =>
        Metalink.Read(new MemoryStream(Encoding.UTF8.GetBytes(document)));
}
