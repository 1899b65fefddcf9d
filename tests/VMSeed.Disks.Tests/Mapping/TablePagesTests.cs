using VMSeed.Blocks;
using VMSeed.Blocks.Devices;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Mapping;

namespace VMSeed.Disks.Tests.Mapping;

/// <summary>Tables are loaded once, change in memory, and go back sector by sector in the order of
/// their ranks.</summary>
public sealed class TablePagesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_changed_sectors_are_written_rank_by_rank_with_a_flush_before_each()
    {
        await using var file = new LoggingDevice(64 * 1024);
        var tables = new TablePages(file, 1 << 20);
        await tables.WriteAsync(8192, new byte[] { 1, 2, 3, 4 }, rank: 1, Token);
        await tables.WriteAsync(512, new byte[] { 5, 6, 7, 8 }, rank: 0, Token);
        await tables.WriteAsync(1020, new byte[] { 9, 9, 9, 9 }, rank: 0, Token);
        Assert.True(tables.IsDirty);
        await tables.WriteBackAsync(Token);
        Assert.False(tables.IsDirty);
        Assert.Equal(["flush", "write 512+512", "flush", "write 8192+512"], file.Log);
    }

    [Fact]
    public async Task What_else_lies_in_a_page_is_not_put_back_over_newer_bytes()
    {
        await using var file = new LoggingDevice(8192);
        var tables = new TablePages(file, 1 << 20);
        await tables.WriteAsync(0, new byte[] { 1, 0, 0, 0 }, rank: 0, Token);
        await file.WriteAsync(1024, new byte[] { 0xDA, 0x7A }, Token);
        await tables.WriteBackAsync(Token);
        byte[] bytes = new byte[2];
        await file.ReadAsync(1024, bytes, Token);
        Assert.Equal([0xDA, 0x7A], bytes);
    }

    [Fact]
    public async Task A_sector_of_two_ranks_goes_with_the_later()
    {
        await using var file = new LoggingDevice(4096);
        var tables = new TablePages(file, 1 << 20);
        await tables.WriteAsync(0, new byte[4], rank: 2, Token);
        await tables.WriteAsync(8, new byte[4], rank: 0, Token);
        await tables.WriteRankAsync(0, Token);
        Assert.Empty(file.Log);
        await tables.WriteRankAsync(2, Token);
        Assert.Equal(["flush", "write 0+512"], file.Log);
    }

    [Fact]
    public async Task A_page_is_loaded_once_for_all_who_ask_at_once()
    {
        await using var file = new LoggingDevice(1 << 20) { Hold = new() };
        var tables = new TablePages(file, 1 << 20);
        Task<TablePage>[] looks =
        [
            .. Enumerable.Range(0, 8).Select(i => tables.GetAsync(4096 + i, Token).AsTask()),
        ];
        file.Hold.SetResult();
        TablePage[] pages = await Task.WhenAll(looks);
        Assert.Single(pages.Distinct());
        Assert.Equal(["read 4096+4096"], file.Log);
        Task<TablePage> again = tables.GetAsync(8191, Token).AsTask();
        Assert.True(again.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task One_who_gives_up_leaves_the_page_to_the_others()
    {
        await using var file = new LoggingDevice(1 << 20) { Hold = new() };
        var tables = new TablePages(file, 1 << 20);
        using var cancel = new CancellationTokenSource();
        Task<TablePage> quitter = tables.GetAsync(0, cancel.Token).AsTask();
        Task<TablePage> stayer = tables.GetAsync(0, Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => quitter);
        file.Hold.SetResult();
        Assert.Equal(0, (await stayer).Offset);
    }

    [Fact]
    public async Task Memory_stays_within_its_bound_and_changes_are_never_forgotten()
    {
        await using var file = new LoggingDevice(4 << 20);
        var tables = new TablePages(file, 16 * 4096);
        await tables.WriteAsync(4096, new byte[] { 7, 0, 0, 0 }, rank: 0, Token);
        for (int round = 0; round < 3; round++)
        {
            for (long page = 0; page < 1024; page++)
            {
                await tables.GetAsync(page * 4096, Token);
            }
        }

        Assert.InRange(tables.Count, 1, 32);
        TablePage changed = await tables.GetAsync(4096, Token);
        Assert.Equal(7u, changed.ReadUInt32LittleEndian(0));
        await tables.WriteBackAsync(Token);
        byte[] bytes = new byte[1];
        await file.ReadAsync(4096, bytes, Token);
        Assert.Equal(7, bytes[0]);
    }

    [Fact]
    public async Task A_failed_load_is_tried_again()
    {
        await using var file = new LoggingDevice(1 << 20) { Failure = new IOException("Broken.") };
        var tables = new TablePages(file, 1 << 20);
        await Assert.ThrowsAsync<IOException>(() => tables.GetAsync(0, Token).AsTask());
        file.Failure = null;
        Assert.Equal(0, (await tables.GetAsync(0, Token)).Offset);
    }

    [Fact]
    public async Task Past_the_end_of_the_file_a_table_is_zeros_and_grows_the_file_when_written()
    {
        await using var file = new LoggingDevice(1000);
        var tables = new TablePages(file, 1 << 20);
        TablePage page = await tables.GetAsync(8192, Token);
        Assert.All(page.Bytes, b => Assert.Equal(0, b));
        await tables.WriteAsync(8192, new byte[] { 1, 0, 0, 0 }, rank: 0, Token);
        await tables.WriteBackAsync(Token);
        Assert.Equal(8192 + 512, file.Length);
    }

    [Fact]
    public async Task A_hole_ends_where_the_file_has_data_and_where_a_page_is_in_memory()
    {
        await using var file = new LoggingDevice(1 << 20);
        await file.WriteAsync(512 << 10, new byte[] { 1, 2 }, Token);
        var tables = new TablePages(file, 1 << 20);
        long data = await tables.HoleAsync(100, long.MaxValue, Token) + 100;
        Assert.InRange(data, 4096, 512 << 10);
        Assert.Equal(0, await tables.HoleAsync(512 << 10, 4096, Token));
        await tables.WriteAsync(8192, new byte[] { 1, 0, 0, 0 }, rank: 0, Token);
        Assert.Equal(8092, await tables.HoleAsync(100, long.MaxValue, Token));
        Assert.Equal(0, await tables.HoleAsync(8200, long.MaxValue, Token));
        Assert.Equal(0, await tables.HoleAsync(file.Length, 4096, Token));
    }

    private sealed class LoggingDevice(long length) : BlockDevice
    {
        private readonly MemoryBlockDevice _memory = new(length);

        public List<string> Log { get; } = [];

        public TaskCompletionSource? Hold { get; init; }

        public IOException? Failure { get; set; }

        public override long Length => _memory.Length;

        public override bool CanWrite => true;

        public override ValueTask FlushAsync(CancellationToken cancellationToken = default)
        {
            Log.Add("flush");
            return default;
        }

        public override ValueTask SetLengthAsync(
            long length, CancellationToken cancellationToken = default) =>
            _memory.SetLengthAsync(length, cancellationToken);

        public override async ValueTask DisposeAsync()
        {
            await _memory.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override async ValueTask ReadCoreAsync(
            long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (Hold is not null)
            {
                Log.Add($"read {offset}+{buffer.Length}");
                await Hold.Task;
            }

            if (Failure is not null)
            {
                throw Failure;
            }

            await _memory.ReadAsync(offset, buffer, cancellationToken);
        }

        protected override ValueTask WriteCoreAsync(
            long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            if (data.Length > 2)
            {
                Log.Add($"write {offset}+{data.Length}");
            }

            return _memory.WriteAsync(offset, data, cancellationToken);
        }

        protected override ValueTask<Extent> MapCoreAsync(
            long offset, long length, CancellationToken cancellationToken) =>
            _memory.MapAsync(offset, length, cancellationToken);
    }
}
