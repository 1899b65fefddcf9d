using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using VMSeed.Gslb.Transport.Sockets;

namespace VMSeed.Gslb.Tests.Transport.Sockets;

public sealed class AddressRaceTests
{
    private static readonly IPAddress _four1 = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress _four2 = IPAddress.Parse("192.0.2.2");
    private static readonly IPAddress _six1 = IPAddress.Parse("2001:db8::1");
    private static readonly IPAddress _six2 = IPAddress.Parse("2001:db8::2");

    private readonly FakeTimeProvider _time = new();
    private readonly List<IPAddress> _begun = [];
    private readonly Dictionary<IPAddress, TaskCompletionSource<Stream>> _doors = [];
    private readonly AddressBook _book;
    private IPAddress[] _addresses = [_four1, _four2, _six1, _six2];

    public AddressRaceTests()
    {
        _book = new AddressBook(_time);
        foreach (IPAddress address in _addresses)
        {
            _doors[address] = new TaskCompletionSource<Stream>();
        }
    }

    [Fact]
    public async Task Families_take_turns_250_ms_apart_until_one_connects()
    {
        Task<Stream> race = RaceAsync();
        Assert.Equal([_six1], _begun);
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.Equal([_six1], _begun);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal([_six1, _four1], _begun);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        Assert.Equal([_six1, _four1, _six2], _begun);
        using TrackedStream won = new();
        _doors[_four1].SetResult(won);
        Assert.Same(won, await race);
    }

    [Fact]
    public async Task A_refusal_begins_the_next_at_once()
    {
        Task<Stream> race = RaceAsync();
        _doors[_six1].SetException(new SocketException((int)SocketError.ConnectionRefused));
        Assert.Equal([_six1, _four1], _begun);
        using TrackedStream won = new();
        _doors[_four1].SetResult(won);
        Assert.Same(won, await race);
    }

    [Fact]
    public async Task The_family_that_won_comes_first_and_has_100_ms()
    {
        await WinAsync(_four1);
        Start();
        Task<Stream> race = RaceAsync();
        Assert.Equal([_four1], _begun);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal([_four1, _six2], _begun);
        _doors[_four1].SetResult(new TrackedStream());
        await race;
    }

    [Fact]
    public async Task A_dead_address_is_tried_last_until_that_is_forgotten()
    {
        _addresses = [_four1, _four2];
        Task<Stream> race = RaceAsync();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        _doors[_four2].SetResult(new TrackedStream());
        await race;
        Assert.Equal([_four2, _four1], _book.Sort([_four1, _four2]));
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal([_four1, _four2], _book.Sort([_four1, _four2]));
    }

    [Fact]
    public async Task A_loser_that_connects_after_all_is_closed()
    {
        Task<Stream> race = RaceAsync();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        _doors[_four1].SetResult(new TrackedStream());
        await race;
        using TrackedStream late = new();
        _doors[_six1].SetResult(late);
        await Farm.UntilAsync(() => late.IsDisposed);
    }

    [Fact]
    public async Task When_all_refuse_the_last_says_why()
    {
        Task<Stream> race = RaceAsync();
        foreach (TaskCompletionSource<Stream> door in _doors.Values)
        {
            door.SetException(new SocketException((int)SocketError.NetworkUnreachable));
        }

        SocketException error = await Assert.ThrowsAsync<SocketException>(() => race);
        Assert.Equal(SocketError.NetworkUnreachable, error.SocketErrorCode);
        Assert.Equal(4, _begun.Count);
    }

    [Fact]
    public async Task A_name_without_addresses_is_an_error()
    {
        _addresses = [];
        SocketException error = await Assert.ThrowsAsync<SocketException>(RaceAsync);
        Assert.Equal(SocketError.HostNotFound, error.SocketErrorCode);
    }

    [Fact]
    public async Task Giving_up_ends_every_attempt()
    {
        using CancellationTokenSource stop = new();
        Task<Stream> race = RaceUntilAsync(stop.Token);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => race);
        Assert.All(_begun, address => Assert.True(_doors[address].Task.IsCanceled));
    }

    private async Task WinAsync(IPAddress winner)
    {
        Task<Stream> race = RaceAsync();
        _time.Advance(TimeSpan.FromMilliseconds(250));
        _doors[winner].SetResult(new TrackedStream());
        await race;
    }

    private void Start()
    {
        _begun.Clear();
        foreach (IPAddress address in _addresses)
        {
            _doors[address] = new TaskCompletionSource<Stream>();
        }
    }

    private Task<Stream> RaceAsync() => RaceUntilAsync(CancellationToken.None);

    private Task<Stream> RaceUntilAsync(CancellationToken stop) =>
        new AddressRace(
            _book,
            _time,
            (_, _) => Task.FromResult<IPAddress[]>([.. _addresses]),
            (address, token) =>
            {
                _begun.Add(address.Address);
                TaskCompletionSource<Stream> door = _doors[address.Address];
                if (stop.CanBeCanceled)
                {
                    token.Register(() => door.TrySetCanceled(token));
                }

                return door.Task;
            })
            .ConnectAsync("a.example", 80, stop);

    private sealed class TrackedStream : MemoryStream
    {
        public bool IsDisposed { get; private set; }

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }
    }
}
