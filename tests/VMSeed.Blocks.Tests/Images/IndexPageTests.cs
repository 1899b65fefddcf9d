using VMSeed.Blocks.Images;
using VMSeed.Blocks.Images.Packs;
using VMSeed.Blocks.Primitives;

namespace VMSeed.Blocks.Tests.Images;

public sealed class IndexPageTests
{
    private static readonly ImageGeometry _geometry = new((4096L * 100) + 5, 4096, 16);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    public void A_leaf_is_read_as_it_was_written(long leaf)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            FrameTable table = Table(leaf, seed);
            byte[] page = IndexPage.WriteLeaf(leaf * 16, table);
            SampleTable.AssertEqual(table, IndexPage.ReadLeaf(page, _geometry, leaf));
        }
    }

    [Fact]
    public void A_branch_is_read_as_it_was_written()
    {
        ChildRecord[] children = Children();
        byte[] page = IndexPage.WriteBranch(1, 0, children);
        Assert.Equal(children, IndexPage.ReadBranch(page, _geometry, 1, 0));
    }

    [Fact]
    public void A_page_in_the_place_of_another_is_refused()
    {
        byte[] leaf = IndexPage.WriteLeaf(16, Table(1, seed: 1));
        Assert.Throws<InvalidDataException>(() => IndexPage.ReadLeaf(leaf, _geometry, 2));
        Assert.Throws<InvalidDataException>(() => IndexPage.ReadBranch(leaf, _geometry, 1, 0));
    }

    [Fact]
    public void Counts_of_packs_and_frames_above_the_leaves_are_refused()
    {
        byte[] page = IndexPage.WriteBranch(1, 0, Children());
        page[24] = 1;
        Assert.Throws<InvalidDataException>(() => IndexPage.ReadBranch(page, _geometry, 1, 0));
    }

    [Fact]
    public void Hostile_leaves_are_refused_within_their_bound()
    {
        byte[] good = IndexPage.WriteLeaf(0, Table(0, seed: 2));
        HostileBytes.Feed(
            good, 20_000, 64 * 1024, bytes => IndexPage.ReadLeaf(bytes, _geometry, 0));
    }

    [Fact]
    public void Hostile_branches_are_refused_within_their_bound()
    {
        byte[] good = IndexPage.WriteBranch(1, 0, Children());
        HostileBytes.Feed(
            good, 20_000, 64 * 1024, bytes => IndexPage.ReadBranch(bytes, _geometry, 1, 0));
    }

    private static FrameTable Table(long leaf, int seed) =>
        SampleTable.Make(_geometry, leaf * 16, _geometry.EntriesOfPage(0, leaf), seed);

    private static ChildRecord[] Children() =>
        [.. Enumerable.Range(0, 7).Select(i => i % 3 == 0
            ? default
            : new ChildRecord(Digest.Of(BitConverter.GetBytes(i)), 100 + i))];
}
