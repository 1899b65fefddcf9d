using System.Runtime.CompilerServices;
using VMSeed.Fuse.Protocol;
using VMSeed.Fuse.Protocol.Messages;
using VMSeed.Fuse.Protocol.Session;

namespace VMSeed.Fuse.Tests.Protocol;

/// <summary>The sizes that a C compiler gives the structures of linux/fuse.h.</summary>
public sealed class WireSizeTests
{
    [Fact]
    public void Structures_have_the_kernels_sizes()
    {
        Assert.Equal(40, Unsafe.SizeOf<InHeader>());
        Assert.Equal(16, Unsafe.SizeOf<OutHeader>());
        Assert.Equal(64, Unsafe.SizeOf<InitOut>());
        Assert.Equal(88, Unsafe.SizeOf<Attributes>());
        Assert.Equal(104, Unsafe.SizeOf<AttributesOut>());
        Assert.Equal(128, Unsafe.SizeOf<EntryOut>());
        Assert.Equal(80, Unsafe.SizeOf<StatFsOut>());
        Assert.Equal(16, Unsafe.SizeOf<OpenOut>());
        Assert.Equal(40, Unsafe.SizeOf<ReadIn>());
        Assert.Equal(WriteIn.StructSize, Unsafe.SizeOf<WriteIn>());
        Assert.Equal(24, Unsafe.SizeOf<LseekIn>());
        Assert.Equal(32, Unsafe.SizeOf<FAllocateIn>());
    }
}
