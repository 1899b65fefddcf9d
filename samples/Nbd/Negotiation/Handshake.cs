using System.Buffers.Binary;
using System.Net.Security;
using System.Text;
using VMSeed.Nbd.Protocol;
using VMSeed.Nbd.Transport;

namespace VMSeed.Nbd.Negotiation;

// The client sends options one by one and hears the answer to each; the last one chooses an export
// (GO, or the older EXPORT_NAME, which cannot be refused but by hanging up). With TLS required,
// everything but STARTTLS and ABORT is refused until the wire is encrypted, and nothing that was
// said before that counts after it: whoever sits in between could have said it.

/// <summary>The fixed newstyle handshake of one connection, the server's side.</summary>
internal sealed class Handshake
{
    /// <summary>The largest option: a few hundred names of contexts. One that is larger still ends
    /// the connection, for nobody could want to say that much.</summary>
    private const int MaxOptionLength = 32 * 1024;

    /// <summary>How many options a client may send: ten times what any known one does with a server
    /// of some exports, and few enough that a patient stranger is gone soon.</summary>
    private const int MaxOptions = 1024;

    private const int OptionHeaderSize = 16;
    private const int OldPadding = 124;

    private readonly ReceiveBuffer _input;
    private readonly ExportList _exports;
    private readonly NbdServerOptions _options;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly CancellationToken _stopping;
    private readonly OptionReplies _replies = new();
    private readonly ExportAnswers _answers;
    private readonly ContextAnswers _contexts;
    private HandshakeFlags _client;
    private bool _encrypted;
    private bool _structured;
    private bool _ended;
    private Agreement? _agreement;

    public Handshake(
        ReceiveBuffer input,
        ExportList exports,
        NbdServerOptions options,
        SslServerAuthenticationOptions? tls,
        CancellationToken stopping)
    {
        _input = input;
        _exports = exports;
        _options = options;
        _tls = tls;
        _stopping = stopping;
        _answers = new ExportAnswers(exports, _replies, options.MaxPayload);
        _contexts = new ContextAnswers(exports, _replies);
    }

    private bool TlsIsMissing => _tls is not null && _options.Tls!.Required && !_encrypted;

    /// <summary>Talks until the client has chosen an export.</summary>
    /// <returns>What was agreed on; null when the client left in peace.</returns>
    /// <exception cref="IOException">The connection broke, or the client breaks the
    /// protocol.</exception>
    public Agreement? Run()
    {
        const HandshakeFlags ours = HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes;
        _replies.Greeting(ours);
        _replies.Send(_input.Wire);
        if (!_input.Require(sizeof(uint))) { return null; }

        uint flags = BinaryPrimitives.ReadUInt32BigEndian(_input.Take(sizeof(uint)));
        _client = (HandshakeFlags)flags;
        if ((flags & ~(uint)ours) != 0)
        {
            throw new NbdProtocolException($"The client flags {flags:x8} are not known.");
        }

        for (int i = 0; i < MaxOptions && _agreement is null && !_ended; i++)
        {
            if (!_input.Require(OptionHeaderSize)) { return null; }

            Answer();
            _replies.Send(_input.Wire);
        }

        return _agreement is not null || _ended
            ? _agreement
            : throw new NbdProtocolException($"More than {MaxOptions} options were sent.");
    }

    private void Answer()
    {
        ReadOnlySpan<byte> header = _input.Take(OptionHeaderSize);
        ulong magic = BinaryPrimitives.ReadUInt64BigEndian(header);
        OptionType option = (OptionType)BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(header[12..]);
        if (magic != Magic.Option || length > MaxOptionLength)
        {
            throw new NbdProtocolException(
                $"An option began with {magic:x16} and has {length} bytes; at most "
                + $"{MaxOptionLength} are taken.");
        }

        if (length > 0 && !_input.Require((int)length))
        {
            throw new EndOfStreamException("The client has left within an option.");
        }

        Dispatch(option, _input.Take((int)length));
    }

    private void Dispatch(OptionType option, ReadOnlySpan<byte> data)
    {
        switch (option)
        {
            case OptionType.Abort:
                _replies.Reply(option, OptionReplyType.Ack);
                _ended = true;
                break;
            case OptionType.StartTls:
                StartTls(option, data);
                break;
            case OptionType.ExportName:
                ChooseOld(data);
                break;
            case var _ when _stopping.IsCancellationRequested:
                Refuse(option, OptionReplyType.ErrorShutdown, "The server is shutting down."u8);
                break;
            case var _ when TlsIsMissing:
                Refuse(option, OptionReplyType.ErrorTlsRequired, "This server wants TLS."u8);
                break;
            case OptionType.List:
                _answers.List(option, data);
                break;
            case OptionType.Info or OptionType.Go:
                Choose(option, data);
                break;
            case OptionType.StructuredReply:
                AgreeOnStructure(option, data);
                break;
            case OptionType.ListMetaContext or OptionType.SetMetaContext:
                _contexts.Answer(option, data, _structured);
                break;
            default:
                Refuse(option, OptionReplyType.ErrorUnsupported, "The option is not known."u8);
                break;
        }
    }

    private void Refuse(OptionType option, OptionReplyType error, ReadOnlySpan<byte> text) =>
        _replies.Error(option, error, text);

    private void StartTls(OptionType option, ReadOnlySpan<byte> data)
    {
        if (_tls is null)
        {
            Refuse(option, OptionReplyType.ErrorPolicy, "This server has no certificate."u8);
            return;
        }

        if (!data.IsEmpty || _encrypted || !_client.HasFlag(HandshakeFlags.FixedNewstyle))
        {
            Refuse(option, OptionReplyType.ErrorInvalid, "STARTTLS comes once, alone."u8);
            return;
        }

        if (_input.Count > 0)
        {
            throw new NbdProtocolException("The client spoke on, unencrypted, after STARTTLS.");
        }

        _replies.Reply(option, OptionReplyType.Ack);
        _replies.Send(_input.Wire);
        _input.Wire = TlsWire.Accept(_input.Wire, _tls);
        _encrypted = true;
        _structured = false;
        _contexts.Forget();
    }

    private void ChooseOld(ReadOnlySpan<byte> name)
    {
        // There is no way to say no.
        if (TlsIsMissing || _stopping.IsCancellationRequested
            || _exports.Find(name) is not { } export)
        {
            throw new NbdProtocolException(
                $"The export '{Encoding.UTF8.GetString(name)}' was asked for in the old way, and "
                + "is not to be had.");
        }

        Agree(export);
        _replies.SizeAndFlags(_agreement!.Length, ExportList.FlagsOf(export, _structured));
        if (!_client.HasFlag(HandshakeFlags.NoZeroes)) { _replies.Zeroes(OldPadding); }
    }

    private void Choose(OptionType option, ReadOnlySpan<byte> data)
    {
        NbdExport? export = _answers.Choose(option, data, _structured);
        if (export is not null && option == OptionType.Go) { Agree(export); }
    }

    private void AgreeOnStructure(OptionType option, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            Refuse(option, OptionReplyType.ErrorInvalid, "STRUCTURED_REPLY has no data."u8);
            return;
        }

        _structured = true;
        _replies.Reply(option, OptionReplyType.Ack);
    }

    private void Agree(NbdExport export) => _agreement = new Agreement(
        export, export.Length, _structured, _contexts.Of(export));
}
