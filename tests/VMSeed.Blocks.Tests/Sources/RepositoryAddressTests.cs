using VMSeed.Blocks.Sources;

namespace VMSeed.Blocks.Tests.Sources;

public sealed class RepositoryAddressTests
{
    private const string Key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

    [Theory]
    [InlineData("http://h/images/debian.vmseed", "http://h/", "debian", null)]
    [InlineData("https://h:8443/a/b/images/debian.vmseed", "https://h:8443/a/b/", "debian", null)]
    [InlineData("https://h/images/debian/7.vmseed", "https://h/", "debian", 7L)]
    [InlineData("https://h/images/d/9223372036854775807.vmseed", "https://h/", "d", long.MaxValue)]
    [InlineData("https://h/images/images/7.vmseed", "https://h/images/", "7", null)]
    [InlineData("https://h/images/a.vmseed.vmseed", "https://h/", "a.vmseed", null)]
    [InlineData("https://h/a%20b/%C3%A4/images/d.vmseed", "https://h/a%20b/%C3%A4/", "d", null)]
    [InlineData("https://h/x%2Fy/images/d.vmseed", "https://h/x%2Fy/", "d", null)]
    [InlineData("https://h/images/d.vmseed?sig=a%2Bb&x=1", "https://h/?sig=a%2Bb&x=1", "d", null)]
    [InlineData("https://h/a/../images/d.vmseed", "https://h/", "d", null)]
    public void An_address_names_a_repository_and_an_image(
        string text, string root, string image, long? version)
    {
        foreach (string? key in (string?[])[null, Key])
        {
            string behind = key is null ? "" : $"#{key}";
            RepositoryAddress address = RepositoryAddress.Parse(text + behind);
            Assert.Equal(root, address.WebRoot!.AbsoluteUri);
            Assert.Null(address.Folder);
            Assert.Equal((image, version, key), (address.Image, address.Version, address.KeyText));
            string head = version is null ? image : $"{image}/{version}";
            Assert.Equal($"images/{head}.vmseed", address.HeadPath);
        }
    }

    [Theory]
    [InlineData("/srv/www/images/debian.vmseed", "/srv/www/", "debian", null)]
    [InlineData("/srv/www/images/debian/7.vmseed", "/srv/www/", "debian", 7L)]
    [InlineData("file:///srv/my%20www/images/debian.vmseed", "/srv/my www/", "debian", null)]
    [InlineData("/srv/a#b/images/debian.vmseed", "/srv/a#b/", "debian", null)]
    [InlineData("/images/debian.vmseed", "/", "debian", null)]
    public void A_path_names_a_repository_and_an_image(
        string text, string folder, string image, long? version)
    {
        foreach (string? key in (string?[])[null, Key])
        {
            string behind = key is null ? "" : $"#{key}";
            RepositoryAddress address = RepositoryAddress.Parse(text + behind);
            Assert.Null(address.WebRoot);
            Assert.Equal(folder, address.Folder);
            Assert.Equal((image, version, key), (address.Image, address.Version, address.KeyText));
        }
    }

    [Fact]
    public void A_path_may_be_relative() =>
        Assert.Equal(
            Path.Join(Environment.CurrentDirectory, "www/"),
            RepositoryAddress.Parse("www/images/d.vmseed").Folder);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("debian", "does not end in .vmseed")]
    [InlineData("http://h/debian.vmseed", "does not lie in a folder 'images'")]
    [InlineData("http://h/images/debian.img", "does not end in .vmseed")]
    [InlineData("http://h/images/.vmseed", "image ''")]
    [InlineData("http://h/images/-a.vmseed", "image '-a'")]
    [InlineData("http://h/images/a%2Fb.vmseed", "image 'a%2Fb'")]
    [InlineData("http://h/images/debian/07.vmseed", "version '07'")]
    [InlineData("http://h/images/debian/0.vmseed", "version '0'")]
    [InlineData("http://h/images/debian/-7.vmseed", "version '-7'")]
    [InlineData("http://h/images/debian/9223372036854775808.vmseed", "no number from 1")]
    [InlineData("ftp://h/images/debian.vmseed", "not http, https or file")]
    [InlineData("http:///images/debian.vmseed", "is no address")]
    [InlineData("http://h/images/debian.vmseed#key", "no public key")]
    [InlineData("http://h/images/debian.vmseed#", "no public key")]
    [InlineData("/srv/images/debian.vmseed#key", "no public key")]
    [InlineData("http://h/images/a\r\nHost: b.vmseed", "control characters")]
    public void What_is_wrong_is_said_with_an_example(string text, string fact)
    {
        FormatException e = Assert.Throws<FormatException>(() => RepositoryAddress.Parse(text));
        Assert.Contains(fact, e.Message, StringComparison.Ordinal);
        Assert.Contains("https://example.org/images/debian.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_have_at_most_64_characters()
    {
        string name = new('a', 64);
        Assert.Equal(name, RepositoryAddress.Parse($"http://h/images/{name}.vmseed").Image);
        Assert.Throws<FormatException>(
            () => RepositoryAddress.Parse($"http://h/images/{name}a.vmseed"));
    }

    [Theory]
    [InlineData("https://joe:hidden@h/images/d.vmseed?sig=hidden#" + Key)]
    [InlineData("https://joe:hidden@h/d.vmseed?sig=hidden")]
    [InlineData("https://joe:hidden@h?sig=hidden")]
    [InlineData("ftp://joe:hidden@h/images/d.vmseed")]
    [InlineData("https://joe:hidden@h/images/d.vmseed#hidden")]
    public void Nothing_shown_holds_a_secret(string text)
    {
        string shown;
        try
        {
            shown = RepositoryAddress.Parse(text).ToString();
            Assert.Equal("https://h/images/d.vmseed", shown);
        }
        catch (FormatException e)
        {
            shown = e.Message;
        }

        Assert.DoesNotContain("hidden", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        Random random = new(11);
        const string alphabet = "ab/.:?#@%2F\\ RW\u00e4\ud800-_0";
        string[] seeds =
        [
            "https://joe:pw@h:1/images/d/7.vmseed?x#" + Key,
            "/s/images/d.vmseed",
            "file:///images/d.vmseed",
        ];
        for (int i = 0; i < 50_000; i++)
        {
            char[] text = seeds[i % seeds.Length].ToCharArray();
            for (int changes = random.Next(1, 5); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = alphabet[random.Next(alphabet.Length)];
            }

            try
            {
                RepositoryAddress address = RepositoryAddress.Parse(new string(text));
                Assert.True(ObjectPath.IsValid(address.HeadPath));
                Assert.True(address.WebRoot is null != address.Folder is null);
                Assert.Equal("", address.WebRoot?.Fragment ?? "");
            }
            catch (FormatException e)
            {
                Assert.Contains("example.org", e.Message, StringComparison.Ordinal);
            }
        }
    }
}
