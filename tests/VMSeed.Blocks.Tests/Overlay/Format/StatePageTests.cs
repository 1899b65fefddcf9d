using CsCheck;
using VMSeed.Blocks.Overlay.Format;

namespace VMSeed.Blocks.Tests.Overlay.Format;

public sealed class StatePageTests
{
    private static readonly Gen<(int First, int Count, int State)> s_change = Gen.Select(
        Gen.Int[0, OverlayLayout.BlocksOfPage - 1], Gen.Int[1, 300], Gen.Int[0, 2]);

    [Fact]
    public void Any_changes_leave_what_an_array_holds() =>
        s_change.Array[1, 40].Sample(
            changes =>
            {
                var model = new BlockState[OverlayLayout.BlocksOfPage];
                StatePage page = StatePage.New();
                foreach ((int first, int count, int state) in changes)
                {
                    int fits = Math.Min(count, model.Length - first);
                    page.Set(first, fits, (BlockState)state);
                    model.AsSpan(first, fits).Fill((BlockState)state);
                }

                byte[] bytes = new byte[StatePage.Size];
                page.CopyTo(bytes);
                Check(model, page);
                Check(model, StatePage.Read(bytes, 0));
            },
            iter: 200,
            seed: "0000KTKrjMgf");

    [Fact]
    public void A_state_that_does_not_exist_is_refused()
    {
        byte[] bytes = new byte[StatePage.Size];
        bytes[777] = 0b0011_0000;
        InvalidDataException refused = Assert.Throws<InvalidDataException>(
            () => StatePage.Read(bytes, 131072));
        Assert.Contains("131072", refused.Message, StringComparison.Ordinal);
    }

    private static void Check(BlockState[] model, StatePage page)
    {
        for (int block = 0; block < model.Length;)
        {
            Assert.Equal(model[block], page.StateOf(block));
            int run = page.RunFrom(block, model[block]);
            int end = model.AsSpan(block).IndexOfAnyExcept(model[block]);
            Assert.Equal(end < 0 ? model.Length - block : end, run);

            // Every run from somewhere in the middle, too.
            block += Math.Max(1, run / 3);
        }
    }
}
