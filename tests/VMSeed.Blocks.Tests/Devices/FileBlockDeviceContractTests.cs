using VMSeed.Blocks.Devices;
using VMSeed.Testing;
using VMSeed.Testing.Contracts;

namespace VMSeed.Blocks.Tests.Devices;

public sealed class FileBlockDeviceContractTests : BlockDeviceContract, IDisposable
{
    private readonly FileMaker _files = new();

    public void Dispose() => _files.Dispose();

    protected override ValueTask<BlockDevice> MakeAsync(byte[] content) =>
        _files.MakeAsync(content, FileAccess.ReadWrite);

    public sealed class ReadOnly : BlockDeviceContract, IDisposable
    {
        private readonly FileMaker _files = new();

        public void Dispose() => _files.Dispose();

        protected override ValueTask<BlockDevice> MakeAsync(byte[] content) =>
            _files.MakeAsync(content, FileAccess.Read);
    }

    public sealed class Streams : WritableStreamContract, IDisposable
    {
        private readonly FileMaker _files = new();

        public void Dispose() => _files.Dispose();

        protected override ValueTask<BlockDevice> MakeAsync(byte[] content) =>
            _files.MakeAsync(content, FileAccess.ReadWrite);
    }

    private sealed class FileMaker : IDisposable
    {
        private readonly TempFolder _folder = new();
        private int _count;

        public ValueTask<BlockDevice> MakeAsync(byte[] content, FileAccess access)
        {
            string path = _folder.Write($"disk-{_count++}", content);
            return new(FileBlockDevice.Open(path, access));
        }

        public void Dispose() => _folder.Dispose();
    }
}
