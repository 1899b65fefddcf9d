using CsCheck;
using Microsoft.Extensions.Time.Testing;
using VMSeed.Gslb.Diagnostics;
using VMSeed.Gslb.Networks;
using VMSeed.Gslb.Selection;
using VMSeed.Testing;

namespace VMSeed.Gslb.Tests.Networks;

public sealed class MemoryKeeperTests : IDisposable
{
    private static readonly Uri _near = new("https://near.example/vm/?key=secret");
    private static readonly Uri _far = new("https://far.example/vm/");

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(57));
    private readonly RecordingLogger<MirrorHandler> _log = new();
    private readonly Dictionary<Uri, SiteMemory> _learned = [];
    private string _network = "home";

    private string File => Path.Combine(_folder.Root, "state", MemoryKeeper.FileName);

    public void Dispose()
    {
        _folder.Dispose();
        _log.Dispose();
    }

    [Fact]
    public void What_was_learned_is_known_to_the_next_run_and_older_then()
    {
        _learned[_near] = Memory(20) with { Age = 5_000 };
        Run();
        _time.Advance(TimeSpan.FromHours(1));
        SiteMemory? found = Make().Find(_near);
        Assert.Equal(Memory(20) with { Age = 3_605_000 }, found);
        Assert.Empty(_log.Messages);
    }

    [Fact]
    public void Nothing_is_written_by_a_run_that_asked_nobody()
    {
        _learned[_near] = Memory(20);
        Make().Dispose();
        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public void Each_network_has_its_own()
    {
        _learned[_near] = Memory(20);
        Run();
        _network = "work";
        using (MemoryKeeper work = Make())
        {
            Assert.Null(work.Find(_near));
            _learned[_near] = Memory(300);
        }

        Assert.Equal(300, Make().Find(_near)!.FirstByte);
        _network = "home";
        Assert.Equal(20, Make().Find(_near)!.FirstByte);
    }

    [Fact]
    public void What_was_measured_before_the_network_changed_is_not_told_of_the_new_one()
    {
        using MemoryKeeper keeper = Make();
        Assert.Null(keeper.Find(_near));
        _network = "work";
        _learned[_near] = Memory(20);
        keeper.Save();
        _time.Advance(TimeSpan.FromSeconds(30));
        _learned[_near] = Memory(20) with { Age = 31_000 };
        _learned[_far] = Memory(200) with { Age = 1_000 };
        keeper.Save();
        using MemoryKeeper next = Make();
        Assert.Null(next.Find(_near));
        Assert.Equal(200, next.Find(_far)!.FirstByte);
    }

    [Fact]
    public void It_is_written_each_minute()
    {
        using MemoryKeeper keeper = Make();
        keeper.Find(_near);
        _learned[_near] = Memory(20);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(System.IO.File.Exists(File));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(System.IO.File.Exists(File));
    }

    [Fact]
    public void A_query_is_not_written_and_the_file_is_its_owners_alone()
    {
        _learned[_near] = Memory(20);
        Run();
        Assert.DoesNotContain("secret", System.IO.File.ReadAllText(File));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                System.IO.File.GetUnixFileMode(File));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"version":2,"networks":[]}""")]
    [InlineData("""{"version":1,"networks":[null]}""")]
    [InlineData("""{"version":1,"networks":null}""")]
    [InlineData("""{"version":1,"networks":[{"name":"home","seenAt":1,"mirrors":[null]}]}""")]
    [InlineData("""{"version":1,"networks":[{"name":"home","seenAt":1e99,"mirrors":[]}]}""")]
    public void A_file_that_is_none_is_told_of_once_and_replaced(string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(File, text);
        using (MemoryKeeper keeper = Make())
        {
            Assert.Null(keeper.Find(_near));
            _learned[_near] = Memory(20);
            keeper.Save();
            keeper.Save();
        }

        Assert.Single(_log.Messages);
        Assert.Equal(20, Make().Find(_near)!.FirstByte);
    }

    [Fact]
    public void A_file_of_any_bytes_is_harmless() => Gen.Select(
        Gen.Int[0, 400], Gen.Int[0, 3], Gen.Byte).Array[1, 8].Sample(
        edits =>
        {
            _learned[_near] = Memory(20);
            _learned[_far] = Memory(200);
            Run();
            byte[] bytes = System.IO.File.ReadAllBytes(File);
            foreach ((int at, int length, byte value) in edits)
            {
                int start = at % bytes.Length;
                bytes.AsSpan(start, Math.Min(length, bytes.Length - start)).Fill(value);
            }

            System.IO.File.WriteAllBytes(File, bytes);
            MemoryKeeper keeper = Make();
            foreach (Uri address in _learned.Keys)
            {
                SiteMemory? found = keeper.Find(address);
                Assert.True(found is null
                    || (double.IsFinite(found.FirstByte + found.RoundTrip + found.Bandwidth)
                        && found is { Age: >= 0, QuarantinedFor: >= 0 and <= 86_400_000 }));
            }

            System.IO.File.Delete(File);
        },
        iter: 300,
        threads: 1);

    [Fact]
    public void A_file_that_is_too_long_is_not_read()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        System.IO.File.WriteAllText(
            File, new string(' ', 2 << 20) + """{"version":1,"networks":[]}""");
        Assert.Null(Make().Find(_near));
        Assert.Contains("longer than", Assert.Single(_log.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_can_be_written_one_line_says_so()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder.Root, "state"), "no folder");
        _learned[_near] = Memory(20);
        using (MemoryKeeper keeper = Make())
        {
            Assert.Null(keeper.Find(_near));
            keeper.Save();
            keeper.Save();
        }

        Assert.Contains("not kept", Assert.Single(_log.Messages), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writers_at_once_leave_a_whole_file()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(() =>
        {
            Dictionary<Uri, SiteMemory> learned = new()
            {
                [new Uri($"https://m{writer}.example/")] = Memory(writer + 1),
            };
            using MemoryKeeper keeper = Make(() => learned);
            keeper.Find(_near);
            for (int turn = 0; turn < 20; turn++)
            {
                keeper.Save();
                Assert.NotEmpty(new MemoryFile(File).Read().Networks);
            }
        })));
        Assert.Empty(_log.Messages);
        Assert.Equal([File], Directory.GetFiles(Path.GetDirectoryName(File)!));
        Assert.NotEmpty(new MemoryFile(File).Read().Networks[0].Mirrors);
    }

    private static SiteMemory Memory(double firstByte) =>
        new(firstByte, 2, firstByte, 5_000, 0, 0);

    private void Run()
    {
        using MemoryKeeper keeper = Make();
        keeper.Find(_near);
    }

    private MemoryKeeper Make(Func<Dictionary<Uri, SiteMemory>>? learned = null) => new(
        Path.GetDirectoryName(File)!,
        () => _network,
        _time,
        new MirrorLog(_log),
        learned ?? (() => _learned));
}
