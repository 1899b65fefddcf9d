namespace VMSeed.Fuse.Tests;

public sealed class WritableFileTests
{
    [Fact]
    public async Task Writes_and_syncs_reach_the_file()
    {
        ArrayFile file = new("notes", 3 << 20);
        await using Mounted mounted = await Mounted.StartAsync([file]);
        byte[] bytes = new byte[(2 << 20) + 77];
        new Random(7).NextBytes(bytes);
        await using (FileStream stream = new(mounted["notes"], FileMode.Open, FileAccess.ReadWrite))
        {
            stream.Position = 4097;
            stream.Write(bytes);
            stream.Flush(flushToDisk: true);
            Assert.True(file.Flushes > 0);
            stream.Position = 4097;
            byte[] back = new byte[bytes.Length];
            stream.ReadExactly(back);
            Assert.Equal(bytes, back);
        }

        Assert.Equal(bytes, file.Bytes[4097..(4097 + bytes.Length)]);
    }

    [Fact]
    public async Task A_volatile_file_is_read_anew_each_time_and_past_its_length()
    {
        int count = 0;
        await using Mounted mounted =
            await Mounted.StartAsync([new TextFile(".stats", () => $"reads {++count}\n")]);
        Assert.Equal("reads 1\n", await Shell.RunAsync("head", "-n", "1", mounted[".stats"]));
        Assert.Equal("reads 2\n", await Shell.RunAsync("head", "-n", "1", mounted[".stats"]));
    }

    private sealed class ArrayFile(string name, int length) : FuseFile(name)
    {
        public byte[] Bytes { get; } = new byte[length];

        public int Flushes { get; private set; }

        public override long Length => Bytes.Length;

        public override bool CanWrite => true;

        public override UnixFileMode Mode => base.Mode | UnixFileMode.UserWrite;

        public override ValueTask<int> ReadAsync(
            long offset, Memory<byte> buffer, CancellationToken cancellationToken)
        {
            Bytes.AsMemory((int)offset, buffer.Length).CopyTo(buffer);
            return new(buffer.Length);
        }

        public override async ValueTask WriteAsync(
            long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            await Task.Yield(); // The data has to stay where it is meanwhile.
            data.CopyTo(Bytes.AsMemory((int)offset));
        }

        public override ValueTask FlushAsync(CancellationToken cancellationToken)
        {
            Flushes++;
            return default;
        }
    }

    private sealed class TextFile(string name, Func<string> text) : FuseFile(name)
    {
        public override long Length => 0;

        public override bool IsVolatile => true;

        public override ValueTask<int> ReadAsync(
            long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
            new(offset == 0 ? System.Text.Encoding.UTF8.GetBytes(text(), buffer.Span) : 0);
    }
}
