using VMSeed.Blocks.Primitives;
using VMSeed.Testing.Servers;

namespace VMSeed.Blocks.Tests;

/// <summary>What a server may send in place of an object, and what the reader gets.</summary>
public sealed class LazyDiskBadInputTests
{
    private const int MaxServed = 32 * 1024 * 1024;

    private static readonly Fault _loop = new("loop", exchange => exchange.SendHeadAsync(
        "302 Found", "Content-Length: 0", $"Location: {exchange.Request.Target}"));

    private static readonly Dictionary<string, (Fault Fault, FailureReason? Reason)> _answers =
        new()
        {
            ["whole object"] = (Fault.NoRanges, null),
            ["slow but steady"] = (Fault.Delay(TimeSpan.FromMilliseconds(100)), null),
            ["exactly a chunk"] = (Fault.Chunked(), null),
            ["whole in chunks"] = (Fault.NoRangesChunked, FailureReason.Refused),
            ["no Content-Range"] = (Fault.ContentRange(null), FailureReason.Refused),
            ["rubbish as range"] = (Fault.ContentRange("lines 1-2"), FailureReason.Refused),
            ["other object's range"] =
                (Fault.ContentRange("bytes 8-65543/100000"), FailureReason.Corrupt),
            ["a byte too many"] = (Fault.Chunked(extra: 1), FailureReason.Refused),
            ["endless"] = (Fault.Chunked(endless: true), FailureReason.Refused),
            ["gzip"] = (Fault.Gzip, FailureReason.Refused),
            ["portal page"] = (Fault.Portal, FailureReason.Refused),
            ["redirect loop"] = (_loop, FailureReason.Refused),
            ["403"] = (Fault.Status(403), FailureReason.Refused),
            ["404"] = (Fault.Status(404), FailureReason.Missing),
            ["410"] = (Fault.Status(410), FailureReason.Missing),
            ["zeros"] = (Fault.Replace(), FailureReason.Corrupt),
            ["too short"] = (Fault.Replace(new byte[10]), FailureReason.Refused),
            ["500"] = (Fault.Status(500), FailureReason.Unavailable),
            ["429"] = (Fault.Status(429, "Retry-After: 1"), FailureReason.Unavailable),
            ["503"] = (Fault.Status(503, "Retry-After: 1000"), FailureReason.Unavailable),
            ["cut"] = (Fault.CutAfter(100), FailureReason.Unavailable),
            ["reset"] = (Fault.ResetAfter(100), FailureReason.Unavailable),
            ["stalled body"] = (Fault.StallAfter(100), FailureReason.Unavailable),
            ["no answer"] = (Fault.StallBeforeHead, FailureReason.Unavailable),
            ["a byte at a time"] =
                (Fault.Drip(1, TimeSpan.FromMilliseconds(20)), FailureReason.Unavailable),
        };

    public static TheoryData<string> Answers => [.. _answers.Keys];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task A_pack_that_is_always_answered_so(string answer)
    {
        (Fault fault, FailureReason? reason) = _answers[answer];
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync(ServedImage.Impatient);
        image.Server.Always("objects/*", fault);
        await CheckAnswerAsync(image, disk, reason);
    }

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_index_page_that_is_always_answered_so(string answer)
    {
        (Fault fault, FailureReason? reason) = _answers[answer];
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await using LazyDisk disk = await image.OpenAsync(ServedImage.Impatient);
        foreach (string page in image.Objects("VMSE"))
        {
            image.Server.Always(page, fault);
        }

        // A page is asked for as a whole, so a wrong range says that it is another object.
        await CheckAnswerAsync(image, disk, reason);
    }

    [Theory]
    [InlineData("zeros")]
    [InlineData("429")]
    [InlineData("404")]
    [InlineData("500")]
    [InlineData("cut")]
    [InlineData("reset")]
    [InlineData("stalled body")]
    [InlineData("no answer")]
    [InlineData("portal page")]
    [InlineData("other object's range")]
    public async Task One_bad_answer_for_each_object_is_overcome(string answer)
    {
        await using ServedImage image = await ServedImage.CreateAsync(fanout: 16);
        await using LazyDisk disk = await image.OpenAsync();
        foreach (string path in (string[])[.. image.Objects("VMSE"), .. image.Objects("VMSP")])
        {
            image.Server.Next(path, _answers[answer].Fault);
        }

        await image.CheckAsync(disk, 0, image.Content.Length);
    }

    [Fact]
    public async Task After_wrong_bytes_caches_on_the_way_are_passed_over()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Forget();
        image.Server.Next("objects/*", Fault.FlipBit(30_000));
        await image.CheckAsync(disk, 0, 4096);
        Assert.Equal(2, image.Server.Requests.Count);
        Assert.False(image.Server.Requests[0].Headers.ContainsKey("Cache-Control"));
        Assert.Contains("no-cache", image.Server.Requests[1].Headers["Cache-Control"]);
        Assert.Equal(1, disk.Statistics.Failures);
    }

    [Fact]
    public async Task What_was_handed_out_before_a_cut_is_not_asked_for_again()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Forget();
        image.Server.Next("objects/*", Fault.CutAfter((5 * ServedImage.BlockSize) + 100));
        await image.CheckAsync(disk, 0, 16 * ServedImage.BlockSize);
        Assert.Equal(2, image.Server.Requests.Count);
        Assert.Equal(
            image.Server.Requests[0].From + (5 * ServedImage.BlockSize),
            image.Server.Requests[1].From);
    }

    [Fact]
    public async Task A_server_that_asks_for_no_wait_is_not_asked_in_a_tight_loop()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync(ServedImage.Impatient);
        image.Server.Always("objects/*", Fault.Status(503, "Retry-After: 0"));
        image.Server.Forget();
        await image.FailAsync(disk);
        Assert.InRange(image.Server.Requests.Count, 2, 40);
    }

    [Fact]
    public async Task A_frame_that_stays_wrong_fails_none_of_its_neighbours()
    {
        await using ServedImage image = await ServedImage.CreateAsync();
        await using LazyDisk disk = await image.OpenAsync();
        image.Server.Always("objects/*", Fault.FlipBit((3 * ServedImage.BlockSize) + 1000));
        Task<BlockIOException> whole = image.FailAsync(disk, 0, 16 * ServedImage.BlockSize);
        Task[] parts =
        [
            .. Enumerable.Range(0, 16).Where(block => block != 3).Select(
                block => image.CheckAsync(disk, block * ServedImage.BlockSize, 4096)),
        ];
        await Task.WhenAll(parts);
        Assert.Equal(FailureReason.Corrupt, (await whole).Reason);
        BlockIOException failure = await image.FailAsync(disk, 3 * ServedImage.BlockSize);
        Assert.Equal(image.Objects("VMSP").Single(), failure.ObjectName);
        Assert.Contains("does not match the index", failure.Message, StringComparison.Ordinal);
    }

    private static async Task CheckAnswerAsync(
        ServedImage image, LazyDisk disk, FailureReason? reason)
    {
        long start = TimeProvider.System.GetTimestamp();
        if (reason is null)
        {
            await image.CheckAsync(disk, 0, 4096);
        }
        else
        {
            BlockIOException failure = await image.FailAsync(disk);
            Assert.Equal(reason, failure.Reason);
            Assert.StartsWith("objects/", failure.ObjectName);
            Assert.Contains(failure.ObjectName!, failure.Message, StringComparison.Ordinal);
            await image.FailAsync(disk, 1_000_000, 2_000_000);
        }

        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0, 12);
        Assert.InRange(image.Server.BytesSent, 0, MaxServed);
        image.Server.Always("*", Fault.None);
        await image.RecoverAsync(disk);
    }
}
