using VMSeed.Blocks.Devices;

namespace VMSeed.Nbd.Tests.Peers;

/// <summary>Every command and flag, by the NBD project's own client.</summary>
public sealed class LibnbdTests
{
    private const int MiB = 1024 * 1024;

    [Fact]
    public async Task Every_command_with_structured_replies() =>
        await EveryCommandAsync(structured: true);

    [Fact]
    public async Task Every_command_with_simple_replies() =>
        await EveryCommandAsync(structured: false);

    [Fact]
    public async Task Flags_and_ranges_that_are_wrong_are_errors_and_the_connection_goes_on()
    {
        await using MemoryBlockDevice device = new(4 * MiB);
        await using Served served = Served.Start(device);
        await Nbdsh.RunAsync(served.Uri, $"""
            import errno
            h.set_strict_mode(0)
            h.connect_uri(uri)
            def fails(number, call):
                try:
                    call()
                except nbd.Error as e:
                    assert e.errnum == number, e
                else:
                    assert False, 'no error'
            size = h.get_size()
            fails(errno.EINVAL, lambda: h.pread(512, size))
            fails(errno.EINVAL, lambda: h.pread(1024, size - 512))
            fails(errno.EINVAL, lambda: h.pread(512, 2**63 - 1))
            fails(errno.ENOSPC, lambda: h.pwrite(bytes(512), size))
            fails(errno.ENOSPC, lambda: h.zero(1024, size - 512))
            fails(errno.EINVAL, lambda: h.trim(1024, size - 512))
            fails(errno.EINVAL, lambda: h.cache(1024, size - 512))
            fails(errno.EINVAL, lambda: h.pread(512, 0, nbd.CMD_FLAG_REQ_ONE))
            fails(errno.EINVAL, lambda: h.trim(512, 0, nbd.CMD_FLAG_NO_HOLE))
            fails(errno.EINVAL, lambda: h.block_status(512, 0, lambda *a: 0))
            fails(errno.ENOTSUP, lambda: h.zero(512, 0, nbd.CMD_FLAG_FAST_ZERO))

            assert h.pread(4, 0) == bytes(4)
            h.shutdown()
            """);
    }

    [Fact]
    public async Task A_read_only_export_refuses_to_be_changed()
    {
        await using MemoryBlockDevice device = new(4 * MiB);
        await using Served served = Served.Start(
            [new BlockDeviceExport(string.Empty, device, readOnly: true)]);
        await Nbdsh.RunAsync(served.Uri, """
            import errno
            h.set_strict_mode(0)
            h.connect_uri(uri)
            for call in (lambda: h.pwrite(bytes(512), 0), lambda: h.zero(512, 0),
                         lambda: h.trim(512, 0)):
                try:
                    call()
                except nbd.Error as e:
                    assert e.errnum == errno.EPERM, e
                else:
                    assert False, 'no error'
            h.flush()
            h.shutdown()
            """);
    }

    [Fact]
    public async Task Holes_are_chunks_unless_the_client_wants_one_piece()
    {
        PatternDevice device = new(16 * PatternDevice.RunLength, sparse: true);
        await using Served served = Served.Start(device);
        await Nbdsh.RunAsync(served.Uri, $"""
            h.connect_uri(uri)
            run = {PatternDevice.RunLength}
            def read(flags):
                chunks = []
                def f(data, offset, status, error):
                    chunks.append((offset, len(data), status))
                data = h.pread_structured(8 * run, 0, f, flags)
                return data, chunks
            whole, one = read(nbd.CMD_FLAG_DF)
            assert one == [(0, 8 * run, nbd.READ_DATA)], one
            parts, many = read(0)
            assert whole == parts
            holes = [offset for offset, length, status in many if status == nbd.READ_HOLE]
            assert sorted(holes) == [run, 5 * run], many
            assert sum(length for _, length, _ in many) == 8 * run, many
            small, chunks = h.pread(4096, run), None
            assert small == bytes(4096)
            h.shutdown()
            """);
    }

    [Fact]
    public async Task Block_status_tells_one_extent_or_all()
    {
        PatternDevice device = new(16 * PatternDevice.RunLength, sparse: true);
        await using Served served = Served.Start(device);
        await Nbdsh.RunAsync(served.Uri, $"""
            h.add_meta_context('base:allocation')
            h.add_meta_context('x-vmseed:local')
            h.connect_uri(uri)
            run = {PatternDevice.RunLength}
            def status(length, offset, flags=0):
                found = dict()
                def f(context, at, entries, error):
                    assert at == offset
                    found[context] = list(zip(entries[::2], entries[1::2]))
                h.block_status(length, offset, f, flags)
                return found
            all = status(4 * run, 0)
            assert all['base:allocation'] == [(run, 0), (run, 3), (2 * run, 0)], all
            assert all['x-vmseed:local'] == [(2 * run, 0), (run, 1), (run, 0)], all
            one = status(4 * run, 512, nbd.CMD_FLAG_REQ_ONE)
            assert one['base:allocation'] == [(run - 512, 0)], one
            assert one['x-vmseed:local'] == [(2 * run - 512, 0)], one
            h.shutdown()
            """);
    }

    [Fact]
    public async Task Contexts_are_listed_by_namespace()
    {
        await using MemoryBlockDevice device = new(MiB);
        await using Served served = Served.Start(device);
        await Nbdsh.RunAsync(served.Uri, """
            h.set_opt_mode(True)
            h.connect_uri(uri)
            def names(*queries):
                h.clear_meta_contexts()
                for query in queries:
                    h.add_meta_context(query)
                found = []
                h.opt_list_meta_context(lambda name: found.append(name))
                return found
            assert names() == ['base:allocation', 'x-vmseed:local']
            assert names('base:') == ['base:allocation']
            assert names('x-vmseed:') == ['x-vmseed:local']
            assert names('x-vmseed:local', 'other:thing') == ['x-vmseed:local']
            assert names('base:nothing') == []
            h.opt_abort()
            """);
    }

    private static async Task EveryCommandAsync(bool structured)
    {
        await using MemoryBlockDevice device = new(64 * MiB);
        await using Served served = Served.Start(device);
        await Nbdsh.RunAsync(served.Uri, $"""
            import os
            h.set_request_structured_replies({structured})
            h.connect_uri(uri)
            assert h.get_structured_replies_negotiated() == {structured}
            assert h.can_df() == {structured}
            MiB = {MiB}
            for length in (1, 511, 4096, 40000, 256 * 1024, 256 * 1024 + 1, 3 * MiB, 32 * MiB):
                data = os.urandom(length)
                h.pwrite(data, 12345, nbd.CMD_FLAG_FUA)
                assert h.pread(length, 12345) == data, length
            data = os.urandom(8 * MiB)
            h.pwrite(data, 0)
            h.flush()
            h.zero(MiB, MiB)
            h.zero(MiB, 3 * MiB, nbd.CMD_FLAG_NO_HOLE | nbd.CMD_FLAG_FUA)
            h.trim(MiB, 5 * MiB, nbd.CMD_FLAG_FUA)
            h.cache(8 * MiB, 0)
            assert h.pread(MiB, 0) == data[:MiB]
            assert h.pread(MiB, MiB) == bytes(MiB)
            assert h.pread(MiB, 2 * MiB) == data[2 * MiB:3 * MiB]
            assert h.pread(MiB, 3 * MiB) == bytes(MiB)
            assert h.pread(MiB, 6 * MiB) == data[6 * MiB:7 * MiB]
            pending = []
            for i in range(200):
                buffer = nbd.Buffer(4096)
                pending.append((h.aio_pread(buffer, i * 4096), buffer, i))
            while pending:
                h.poll(-1)
                for entry in list(pending):
                    if h.aio_command_completed(entry[0]):
                        i = entry[2]
                        assert entry[1].to_bytearray() == data[i * 4096:(i + 1) * 4096]
                        pending.remove(entry)
            h.shutdown()
            """);
    }
}
