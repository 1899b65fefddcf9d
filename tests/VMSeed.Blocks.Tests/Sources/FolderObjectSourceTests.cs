using VMSeed.Blocks.Primitives;
using VMSeed.Blocks.Sources;
using VMSeed.Testing;

namespace VMSeed.Blocks.Tests.Sources;

public sealed class FolderObjectSourceTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private readonly byte[] _bytes = new byte[100_000];
    private readonly FolderObjectSource _source;

    public FolderObjectSourceTests()
    {
        new Random(1).NextBytes(_bytes);
        _folder.Write(SourceFixture.Name, _bytes);
        _source = new FolderObjectSource(_folder.Root);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0, 100_000)]
    [InlineData(99_999, 1)]
    [InlineData(5000, 20_000)]
    public async Task A_range_is_the_files_bytes(int offset, int length)
    {
        byte[] bytes = await SourceFixture.ReadAsync(_source, Ask(offset, length), Stop);
        Assert.Equal(_bytes[offset..(offset + length)], bytes);
    }

    [Fact]
    public async Task A_file_is_read_whole_up_to_its_limit()
    {
        Assert.Equal(_bytes, await _source.ReadWholeAsync(SourceFixture.Name, 100_000, null, Stop));
        BlockIOException e = await Assert.ThrowsAsync<BlockIOException>(
            async () => await _source.ReadWholeAsync(SourceFixture.Name, 99_999, null, Stop));
        Assert.Equal(FailureReason.Refused, e.Reason);
        Assert.Contains("100000 bytes", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_is_missing()
    {
        BlockIOException e = await FailAsync(new ObjectRequest("objects/cd/cd", 0, 1));
        Assert.Equal((FailureReason.Missing, false), (e.Reason, e.CanRetry));
        Assert.StartsWith(
            Path.Join(_folder.Root, "objects/cd/cd "), e.Message, StringComparison.Ordinal);
        Assert.Equal("objects/cd/cd", e.ObjectName);
    }

    [Fact]
    public async Task A_missing_folder_is_unavailable_and_not_an_empty_repository()
    {
        FolderObjectSource source = new(Path.Join(_folder.Root, "unplugged"));
        BlockIOException e = await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(source, Ask(0, 1), Stop));
        Assert.Equal((FailureReason.Unavailable, true), (e.Reason, e.CanRetry));
        Assert.Contains("unplugged", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_another_length_is_corrupt()
    {
        _folder.Write(SourceFixture.Name, _bytes.AsSpan(0, 50_000));
        BlockIOException known = await FailAsync(Ask(0, 1));
        Assert.Equal(FailureReason.Corrupt, known.Reason);
        Assert.Contains("50000 bytes instead of 100000", known.Message, StringComparison.Ordinal);
        BlockIOException unknown = await FailAsync(Ask(49_999, 2) with { ObjectLength = 0 });
        Assert.Equal(FailureReason.Corrupt, unknown.Reason);
        Assert.Contains("at least 50001", unknown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_cut_in_mid_read_is_corrupt()
    {
        await using ObjectBody body = await _source.OpenAsync(Ask(0, 60_000), Stop);
        await body.FillAsync(new byte[100], Stop);
        _folder.Write(SourceFixture.Name, _bytes.AsSpan(0, 50_000));
        BlockIOException e = await Assert.ThrowsAsync<BlockIOException>(
            async () => await body.FillAsync(new byte[59_900], Stop));
        Assert.Equal(FailureReason.Corrupt, e.Reason);
        Assert.Contains("was cut", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("objects/../../secret")]
    [InlineData("/etc/passwd")]
    [InlineData("objects//ab")]
    [InlineData("objects/./ab")]
    [InlineData("objects\\ab")]
    [InlineData("objects/ab\0")]
    [InlineData("")]
    public async Task No_path_leaves_the_folder(string path)
    {
        BlockIOException e = await FailAsync(new ObjectRequest(path, 0, 1));
        Assert.Equal((FailureReason.Refused, false), (e.Reason, e.CanRetry));
    }

    [Fact]
    public async Task A_folder_is_no_file()
    {
        BlockIOException e = await FailAsync(new ObjectRequest("objects/ab", 0, 1));
        Assert.Equal(FailureReason.Refused, e.Reason);
        Assert.Contains("is a folder", e.Message, StringComparison.Ordinal);
    }

    private static ObjectRequest Ask(long offset, int length) =>
        new(SourceFixture.Name, offset, length, 100_000);

    private async Task<BlockIOException> FailAsync(ObjectRequest request) =>
        await Assert.ThrowsAsync<BlockIOException>(
            () => SourceFixture.ReadAsync(_source, request, Stop));
}
