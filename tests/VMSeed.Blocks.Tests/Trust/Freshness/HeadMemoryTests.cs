using Microsoft.Extensions.Time.Testing;
using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Trust;
using VMSeed.Blocks.Trust.Freshness;

namespace VMSeed.Blocks.Tests.Trust.Freshness;

public sealed class HeadMemoryTests : IDisposable
{
    private static readonly DateTimeOffset _day = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vmseed-heads-");
    private readonly SecretKey _key = SecretKey.Generate();
    private readonly FakeTimeProvider _time = new(_day);
    private readonly WarningLog _log = new();

    public void Dispose()
    {
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Rollback_to_a_lower_version_is_refused_after_a_restart()
    {
        await Accept(Memory(), Head(5));
        await Refused("lower than 5", Memory(), Head(4));
        await Accept(Memory(), Head(6));
        await Refused("lower than 6", Memory(), Head(5));
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public async Task Equivocation_under_one_version_is_refused()
    {
        await Accept(Memory(), Head(5));
        await Refused("content", Memory(), Head(5) with { Content = Digest.Of("other"u8) });
    }

    [Fact]
    public async Task A_head_signed_anew_is_accepted_and_its_predecessor_no_more()
    {
        HeadFacts renewed = Head(5) with { Signed = _day.AddDays(1), Expires = _day.AddDays(9) };
        await Accept(Memory(), Head(5));
        await Accept(Memory(), renewed);
        await Refused("signed on", Memory(), Head(5));
        Assert.Equal(renewed, Memory().Recall()!.Facts);
    }

    [Fact]
    public async Task Fast_forward_beyond_the_step_is_refused()
    {
        await Accept(Memory(), Head(5));
        await Refused("4294967296 above 5", Memory(), Head(5 + HeadRules.MaxJump + 1));
        await Refused("above 5", Memory(), Head(long.MaxValue));
        await Accept(Memory(), Head(5 + HeadRules.MaxJump));
    }

    [Fact]
    public async Task Wrong_image_is_refused() =>
        await Refused("'debian' was asked for", Memory(), Head(5) with { Name = "other" });

    [Fact]
    public async Task Freeze_with_an_expired_head_is_refused()
    {
        HeadFacts head = Head(5) with { Expires = _day.AddDays(7) };
        await Accept(Memory(), head);
        _time.Advance(TimeSpan.FromDays(7));
        await Refused("expired", Memory(), head);
    }

    [Fact]
    public async Task Freeze_with_a_clock_set_back_is_refused()
    {
        await Accept(Memory(), Head(5));
        FakeTimeProvider back = new(_day.AddYears(-1));
        HeadFacts old = Head(6) with { Expires = _day.AddDays(-1) };
        await Refused("expired", Memory(time: back), old);
        FakeTimeProvider unset = new(DateTimeOffset.UnixEpoch);
        HeadFacts ancient = Head(1) with
        {
            Name = "new",
            Expires = ReleaseTime.Value.AddSeconds(-1),
        };
        await Refused("expired", Memory(new HeadRequest("new", null), time: unset), ancient);
    }

    [Fact]
    public async Task An_accepted_head_stays_usable_offline_with_a_warning()
    {
        Assert.Null(Memory().Recall());
        HeadFacts head = Head(5) with { Expires = _day.AddDays(7) };
        await Accept(Memory(), head);
        Assert.Equal(head, Memory().Recall()!.Facts);
        Assert.Empty(_log.Warnings);
        _time.Advance(TimeSpan.FromDays(8));
        AcceptedHead recalled = Memory().Recall()!;
        Assert.Equal(File(head), recalled.File.ToArray());
        Assert.Contains("expired", Assert.Single(_log.Warnings));
    }

    [Fact]
    public async Task A_version_that_the_user_named_is_no_rollback()
    {
        await Accept(Memory(), Head(5));
        HeadRequest pinned = new("debian", 3);
        await Accept(Memory(pinned), Head(3) with { Expires = _day.AddDays(-1) });
        await Refused("3 was asked for", Memory(pinned), Head(4));
        await Refused("content", Memory(pinned), Head(3) with { Content = Digest.Of("o"u8) });
        await Refused("lower than 5", Memory(), Head(4));
        Assert.Equal(3, Memory(pinned).Recall()!.Facts.Version);
        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public async Task Each_set_of_keys_has_a_memory_of_its_own()
    {
        await Accept(Memory(policy: TrustPolicy.Unsigned), Head(9));
        await Accept(Memory(), Head(5));
        Assert.Equal(2, _folder.GetFiles("*.head").Length);
    }

    [Fact]
    public async Task A_damaged_memory_counts_as_lost_with_a_warning_at_every_byte()
    {
        await Accept(Memory(), Head(5));
        FileInfo file = Assert.Single(_folder.GetFiles("*.head"));
        byte[] good = System.IO.File.ReadAllBytes(file.FullName);
        for (int i = 0; i < good.Length; i += 7)
        {
            byte[] bad = [.. good];
            bad[i] ^= 1;
            System.IO.File.WriteAllBytes(file.FullName, i % 2 == 0 ? bad : good[..i]);
            _log.Warnings.Clear();
            Assert.Null(Memory().Recall());
            Assert.Contains(file.FullName, Assert.Single(_log.Warnings));
        }

        await Accept(Memory(), Head(4));
        await Refused("lower than 4", Memory(), Head(3));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_used_warns_once_and_is_remembered_in_memory()
    {
        string file = Path.Combine(_folder.FullName, "file");
        System.IO.File.WriteAllText(file, "");
        HeadMemory memory = Memory(folder: Path.Combine(file, "below"));
        await Accept(memory, Head(5));
        await Accept(memory, Head(6));
        await Refused("lower than 6", memory, Head(5));
        Assert.Contains("this process only", Assert.Single(_log.Warnings));
    }

    [Fact]
    public async Task A_lower_version_never_replaces_a_higher_whoever_comes_last()
    {
        Random random = new(7);
        long[] versions = [.. Enumerable.Range(1, 40).Select(i => (long)i)];
        random.Shuffle(versions);
        await Parallel.ForEachAsync(versions, TestContext.Current.CancellationToken, async (v, _) =>
        {
            try
            {
                await Accept(Memory(time: TimeProvider.System), Head(v));
            }
            catch (BlockIOException refusal)
            {
                Assert.Contains("lower than", refusal.Message);
            }
        });
        Assert.Equal(40, Memory().Recall()!.Facts.Version);
        Assert.Empty(_log.Warnings);
        Assert.Empty(_folder.GetFiles("*.tmp"));
    }

    [Fact]
    public async Task What_a_crash_leaves_beside_the_memory_is_harmless()
    {
        await Accept(Memory(), Head(5));
        string path = Assert.Single(_folder.GetFiles("*.head")).FullName;
        System.IO.File.WriteAllText(path + ".tmp", "half of a");
        await Refused("lower than 5", Memory(), Head(4));
        await Accept(Memory(), Head(6));
        Assert.Equal(6, Memory().Recall()!.Facts.Version);
    }

    [Fact]
    public async Task A_remembered_file_with_a_bad_signature_is_refused()
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        await Memory().AcceptAsync(Head(5), "{}\n"u8.ToArray(), "x", token);
        BlockIOException fault = Assert.Throws<BlockIOException>(() => Memory().Recall());
        Assert.Equal(FailureReason.Refused, fault.Reason);
    }

    private static HeadFacts Head(long version) =>
        new("debian", version, _day, null, Digest.Of(BitConverter.GetBytes(version)));

    private byte[] File(HeadFacts head)
    {
        byte[] body = System.Text.Encoding.UTF8.GetBytes($"{head}\n");
        return SignedText.Compose(body, [Signature.Create(_key, body, "c")]);
    }

    private HeadMemory Memory(
        HeadRequest? request = null,
        TrustPolicy? policy = null,
        TimeProvider? time = null,
        string? folder = null) => new(
            folder ?? _folder.FullName,
            policy ?? TrustPolicy.Pinned([_key.PublicKey]),
            request ?? new HeadRequest("debian", null),
            time ?? _time,
            _log);

    private Task Accept(HeadMemory memory, HeadFacts head) =>
        memory.AcceptAsync(head, File(head), "http://x/y", TestContext.Current.CancellationToken);

    private async Task Refused(string fact, HeadMemory memory, HeadFacts head)
    {
        BlockIOException fault =
            await Assert.ThrowsAsync<BlockIOException>(() => Accept(memory, head));
        Assert.Equal(FailureReason.Refused, fault.Reason);
        Assert.Contains(fact, fault.Message);
    }
}
