namespace VMSeed.Disks.Tests.Harness;

/// <summary>The contract of formats finds in a wrong format what is wrong with it.</summary>
public sealed class WritableDiskContractTests
{
    [Theory]
    [InlineData(ToyFault.EntriesBeforeData)]
    [InlineData(ToyFault.ReusesAtOnce)]
    [InlineData(ToyFault.FlushIsNone)]
    public Task Wrong_order_is_found_by_the_power_cuts(ToyFault fault) =>
        FindsAsync(fault, toy =>
            toy.After_a_power_cut_what_was_flushed_is_there_and_the_rest_is_old_or_new(1));

    [Theory]
    [InlineData(ToyFault.ReusesAtOnce)]
    [InlineData(ToyFault.FlushIsNone)]
    public Task Wrong_order_is_found_by_the_power_cuts_of_many_tasks(ToyFault fault) =>
        FindsAsync(fault, async toy =>
        {
            // Who comes first is chance: a fault that one session does not show, the next does.
            for (int seed = 1; seed <= 20; seed++)
            {
                await toy
                    .After_a_power_cut_every_task_finds_what_was_flushed_and_the_rest_old_or_new(
                        seed);
            }
        });

    [Theory]
    [InlineData(ToyFault.KeepsStaleBytes)]
    [InlineData(ToyFault.MapsDataAsZero)]
    public Task Wrong_bytes_are_found_by_the_sessions(ToyFault fault) =>
        FindsAsync(fault, toy =>
            toy.Any_session_leaves_what_a_model_holds_and_what_others_read());

    [Fact]
    public Task A_race_is_found_by_the_tasks() =>
        FindsAsync(ToyFault.AllocatesUnlocked, toy =>
            toy.Many_tasks_at_once_each_find_their_own_bytes());

    [Fact]
    public Task A_write_of_a_reader_is_found() =>
        FindsAsync(ToyFault.ReaderWrites, toy =>
            toy.A_disk_that_is_opened_for_reading_refuses_every_change());

    [Fact]
    public Task A_read_that_allocates_is_found() =>
        FindsAsync(ToyFault.ReadsAllocate, toy =>
            toy.Reads_of_what_is_cached_allocate_nothing_and_complete_at_once());

    private static async Task FindsAsync(ToyFault fault, Func<ToyContract, Task> test)
    {
        Exception? found = await Record.ExceptionAsync(() => test(new ToyContract(fault)));
        Assert.NotNull(found);
        TestContext.Current.TestOutputHelper?.WriteLine(found.Message);
    }
}
