using System.Text;
using VMSeed.Blocks.Images.Heads;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Tests.Images.Heads;

public sealed class HeadJsonTests
{
    [Fact]
    public void Is_read_as_it_was_written()
    {
        byte[] text = HeadJson.Write(Make());
        Assert.Equal(text, HeadJson.Write(HeadJson.Read(text)));
        Assert.StartsWith("{\n  \"format\": \"vmseed-head\",", Encoding.UTF8.GetString(text));
    }

    [Theory]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": 2")]
    [InlineData("\"format\": \"vmseed-head\"", "\"format\": \"other\"")]
    [InlineData("\"name\": \"debian\"", "\"name\": \"../debian\"")]
    [InlineData("\"name\": \"debian\"", "\"name\": \"debian\", \"name\": \"debian\"")]
    [InlineData("\"name\": \"debian\"", "\"name\": null")]
    [InlineData("\"version\": 7", "\"version\": 0")]
    [InlineData("\"version\": 7", "\"version\": \"7\"")]
    [InlineData("\"version\": 7,", "")]
    [InlineData("\"critical\": []", "\"critical\": [ \"frame-encryption\" ]")]
    [InlineData("\"critical\": []", "\"critical\": [ null ]")]
    [InlineData("\"critical\": []", "\"critical\": null")]
    [InlineData("\"critical\": [],", "")]
    [InlineData("\"signed\": \"2026-01-02", "\"signed\": \"2025-01-02")]
    [InlineData("\"created\": \"2026-01-01T00:00:00Z\"", "\"created\": \"2026-01-01\"")]
    [InlineData("\"blockSize\": 65536", "\"blockSize\": 65537")]
    [InlineData("\"levels\": 2", "\"levels\": 3")]
    [InlineData("\"https://a.example/\"", "\"ftp://a.example/\"")]
    [InlineData("\"https://a.example/\"", "null")]
    [InlineData("\"https://a.example/\"", "\"relative\"")]
    [InlineData("\"role\": \"kernel\"", "\"role\": \"virus\"")]
    [InlineData("\"name\": \"vmlinuz\"", "\"name\": \"../../etc/passwd\"")]
    [InlineData("\"keyRotation\": \"", "\"keyRotation\": \"x")]
    public void Refuses_what_the_format_does_not_allow(string good, string bad)
    {
        string text = Encoding.UTF8.GetString(HeadJson.Write(Make()));
        Assert.Contains(good, text);
        Assert.Throws<InvalidDataException>(
            () => HeadJson.Read(Encoding.UTF8.GetBytes(text.Replace(good, bad))));
    }

    [Fact]
    public void A_head_without_its_optional_members_is_whole()
    {
        ImageHead head = Make() with { Boot = null, Profile = null, Expires = null };
        string text = Encoding.UTF8.GetString(HeadJson.Write(head with { Mirrors = [] }));
        text = text.Replace("\"mirrors\": [],", "");
        Assert.DoesNotContain("mirrors", text);
        Assert.Empty(HeadJson.Read(Encoding.UTF8.GetBytes(text)).Mirrors);
    }

    [Fact]
    public void Ignores_members_that_it_does_not_know()
    {
        string text = Encoding.UTF8.GetString(HeadJson.Write(Make()));
        text = text.Replace("\"version\": 7,", "\"version\": 7, \"later\": [ { \"a\": 1 } ],");
        Assert.Equal(7, HeadJson.Read(Encoding.UTF8.GetBytes(text)).Version);
    }

    [Fact]
    public void Hostile_heads_are_refused_within_their_bound() => HostileBytes.Feed(
        HeadJson.Write(Make()), 20_000, 1024 * 1024, bytes => HeadJson.Read(bytes));

    internal static ImageHead Make()
    {
        var created = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return new ImageHead
        {
            Name = "debian",
            Version = 7,
            Created = created,
            SignedAt = created.AddDays(1),
            Expires = created.AddDays(100),
            Disk = new DiskShape(10L << 30, 65536),
            Index = new IndexRoot(2, 1024, Digest.Of("root"u8), 5)
            {
                Inline = "12345"u8.ToArray(),
            },
            Content = new ContentSummary(100, 163_740, 2_000_000),
            Profile = new ProfileReference(Digest.Of("profile"u8), 1000)
            {
                First = new PackRange(Digest.Of("pack"u8), 8_000_000, 8, 500_000),
            },
            Mirrors = [new Uri("https://a.example/"), new Uri("http://b.example/vmseed/")],
            Boot = new BootSection(
                [new BootFile("kernel", "vmlinuz", Digest.Of("kernel"u8), 9_000_000)])
            {
                Root = new BootRoot(1, "ext4"),
                Arguments = "ro quiet",
            },
            KeyRotation = Digest.Of("keys"u8),
        };
    }
}
