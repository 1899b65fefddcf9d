using System.Text;
using VMSeed.Guest.Settings;

namespace VMSeed.Guest.Tests.Settings;

/// <summary>What seed.json says.</summary>
public sealed class SeedFileTests
{
    private const string Good = """
        { "format": "vmseed-seed", "formatVersion": 1,
          "disk": "5d1c0de5-0000-4000-8000-00000000c0de",
          "created": "2026-11-24T12:00:00Z",
          "images": [
            { "name": "debian", "url": "http://host/images/debian.vmseed", "keys": [ "RWQx" ],
              "mirrors": [ "http://other/" ], "version": 7, "kernel": "ab", "modules": "cd",
              "head": "aGVhZA==" },
            { "name": "small", "url": "http://host/images/small.vmseed", "keys": [],
              "version": 1, "head": "" } ] }
        """;

    [Fact]
    public void Reads_all_of_it()
    {
        SeedFile seed = Parse(Good);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero), seed.Created);
        Assert.Null(seed.Proxy);
        SeedImage image = seed.Find("debian");
        Assert.Equal("head"u8, image.Head);
        Assert.Equal(["RWQx"], image.Keys);
        Assert.Equal(["http://other/"], image.Mirrors!.Select(mirror => mirror.AbsoluteUri));
        Assert.Equal((7, "ab", "cd"), (image.Version, image.Kernel, image.Modules));
        Assert.Same(image, seed.Find(null));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        SeedFile seed = Parse(Good);
        SeedFile changed = seed.With(seed.Find("small") with { Version = 9, Kernel = "ef" });
        SeedFile again = SeedFile.Parse(changed.ToJson());
        Assert.Equal((9, "ef"), (again.Find("small").Version, again.Find("small").Kernel));
        Assert.Equal(7, again.Find("debian").Version);
        Assert.Equal(seed.Disk, again.Disk);
    }

    [Theory]
    [InlineData("vmseed-seed\"", "other\"", "format")]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": 2", "version 2")]
    [InlineData("\"keys\": [ \"RWQx\" ],", "", "keys")]
    [InlineData("\"disk\": \"5d1c0de5-0000-4000-8000-00000000c0de\",", "", "disk")]
    [InlineData("aGVhZA==", "!", "head")]
    public void What_is_wrong_is_named(string right, string wrong, string fact)
    {
        FormatException fault = Assert.Throws<FormatException>(
            () => Parse(Good.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Contains(fact, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void Something_else_is_refused(string text) =>
        Assert.Throws<FormatException>(() => Parse(text));

    [Fact]
    public void An_image_that_is_not_there_is_told_with_those_that_are()
    {
        FormatException fault =
            Assert.Throws<FormatException>(() => Parse(Good).Find("ubuntu"));
        Assert.Contains("debian, small", fault.Message, StringComparison.Ordinal);
    }

    private static SeedFile Parse(string json) => SeedFile.Parse(Encoding.UTF8.GetBytes(json));
}
