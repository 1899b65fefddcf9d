using VMSeed.ImageBuilder.GuestFiles;
using VMSeed.Testing;
using VMSeed.Testing.Peers;

namespace VMSeed.ImageBuilder.Tests.GuestFiles;

/// <summary>What programs need, read as the system's loader reads it.</summary>
public sealed class ElfFileTests
{
    [Theory]
    [InlineData("mke2fs")]
    [InlineData("e2fsck")]
    [InlineData("xz")]
    public async Task A_program_names_its_loader_and_libraries(string tool)
    {
        string path = Need.Tool(tool);
        ElfFile elf = ElfFile.Read(await File.ReadAllBytesAsync(
            path, TestContext.Current.CancellationToken));
        Assert.Equal("/lib64/ld-linux-x86-64.so.2", elf.Interpreter);

        // ldd names what the libraries need too; what the program needs is among it.
        string all = await PeerProgram.OutputAsync("ldd", path);
        Assert.NotEmpty(elf.Needed);
        Assert.All(elf.Needed, name => Assert.Contains(name, all, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_static_program_needs_nothing()
    {
        ElfFile elf = ElfFile.Read(await File.ReadAllBytesAsync(
            Need.Tool("busybox"), TestContext.Current.CancellationToken));
        Assert.Null(elf.Interpreter);
        Assert.Empty(elf.Needed);
    }

    [Fact]
    public async Task A_program_that_contradicts_itself_is_told_and_nothing_else_happens()
    {
        byte[] good = await File.ReadAllBytesAsync(
            Need.Tool("xz"), TestContext.Current.CancellationToken);
        Random random = new(1);
        for (int round = 0; round < 5000; round++)
        {
            byte[] bad = (byte[])good.Clone();
            for (int change = random.Next(1, 6); change > 0; change--)
            {
                bad[random.Next(0x400)] = (byte)random.Next(256);
            }

            int length = random.Next(4) == 0 ? random.Next(good.Length) : good.Length;
            try
            {
                ElfFile.Read(bad.AsSpan(0, length));
            }
            catch (InvalidDataException)
            {
                // As it should be.
            }
        }
    }
}
