using CsCheck;
using VMSeed.Blocks.Primitives;
using VMSeed.Disks.Converting;

namespace VMSeed.Disks.Tests.Converting;

public sealed class PieceCutterTests
{
    private const int Align = 4096;
    private const int Size = 64 * 1024;

    // Runs of any length, some of them left out: what a child of a differencing pair owns.
    private static readonly Gen<List<Extent?>> s_extents =
        Gen.Select(Gen.Int[1, 300_000], Gen.Int[0, 2]).List[0, 12].Select(runs =>
        {
            List<Extent?> extents = [];
            long offset = 0;
            foreach ((int length, int kind) in runs)
            {
                extents.Add(kind == 2
                    ? null
                    : new Extent(offset, length, kind == 0 ? ExtentKind.Data : ExtentKind.Zero));
                offset += length;
            }

            return extents;
        });

    [Fact]
    public void Pieces_cover_the_extents_once_and_call_nothing_zero_that_is_data() =>
        s_extents.Sample(
            all =>
            {
                Extent[] extents = [.. all.OfType<Extent>()];
                CopyPiece[] pieces = Cut(extents);
                Assert.Equal(Join(extents.Select(e => (e.Offset, e.Length))),
                    Join(pieces.Select(p => (p.Offset, p.Length))));
                Assert.All(pieces, piece =>
                {
                    Assert.True(piece.IsZero || piece.Length <= Size);
                    Assert.True(!piece.IsZero || extents.Any(e =>
                        e.Kind == ExtentKind.Zero
                        && e.Offset <= piece.Offset && piece.Offset + piece.Length <= e.End));
                });
            },
            iter: 2000);

    [Fact]
    public void Data_is_cut_at_whole_sizes_whatever_comes_before()
    {
        CopyPiece[] pieces = Cut(
        [
            new Extent(0, (2 * Size) + 100, ExtentKind.Zero),
            new Extent((2 * Size) + 100, 2 * Size, ExtentKind.Data),
        ]);
        Assert.Equal(
            [
                new CopyPiece(0, 2 * Size, IsZero: true),
                new CopyPiece(2 * Size, Size, IsZero: false),
                new CopyPiece(3 * Size, Size, IsZero: false),
                new CopyPiece(4 * Size, 100, IsZero: false),
            ],
            pieces);
    }

    private static CopyPiece[] Cut(Extent[] extents) => new PieceCutter(Align, Size)
        .CutAsync(extents.ToAsyncEnumerable(), 0, TestContext.Current.CancellationToken)
        .ToBlockingEnumerable(TestContext.Current.CancellationToken)
        .ToArray();

    private static List<(long Offset, long Length)> Join(
        IEnumerable<(long Offset, long Length)> runs)
    {
        List<(long Offset, long Length)> joined = [];
        foreach ((long offset, long length) in runs)
        {
            if (joined.Count > 0 && joined[^1].Offset + joined[^1].Length == offset)
            {
                joined[^1] = (joined[^1].Offset, joined[^1].Length + length);
            }
            else
            {
                joined.Add((offset, length));
            }
        }

        return joined;
    }
}
