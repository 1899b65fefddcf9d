using System.Text;
using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Negotiation;

/// <summary>Answers what clients ask about exports.</summary>
internal sealed class ExportAnswers(ExportList exports, OptionReplies replies, int maxPayload)
{
    private const uint MinBlock = 1;

    // Pages of guests, and what every format here reads and writes at once.
    private const uint PreferredBlock = 4096;

    public void List(OptionType option, ReadOnlySpan<byte> data)
    {
        if (!data.IsEmpty)
        {
            replies.Error(option, OptionReplyType.ErrorInvalid, "LIST has no data."u8);
            return;
        }

        foreach (NbdExport export in exports.All) { replies.Server(option, export); }

        replies.Reply(option, OptionReplyType.Ack);
    }

    /// <summary>Answers INFO and GO.</summary>
    /// <returns>The export; null when it was refused.</returns>
    public NbdExport? Choose(OptionType option, ReadOnlySpan<byte> bytes, bool structured)
    {
        OptionData data = new(bytes);
        if (!data.TryText(out ReadOnlySpan<byte> name) || !TryInfos(ref data, out uint asked))
        {
            replies.Error(option, OptionReplyType.ErrorInvalid, "The option's parts do not fit."u8);
            return null;
        }

        if (exports.Find(name) is not { } export)
        {
            replies.Error(option, OptionReplyType.ErrorUnknown, "No export has this name."u8);
            return null;
        }

        Tell(option, export, asked, structured);
        return export;
    }

    private static bool TryInfos(ref OptionData data, out uint asked)
    {
        asked = 0;
        if (!data.TryUInt16(out ushort count)) { return false; }

        for (int i = 0; i < count; i++)
        {
            if (!data.TryUInt16(out ushort info)) { return false; }

            asked |= info <= (ushort)InfoType.BlockSize ? 1u << info : 0;
        }

        return data.IsEmpty;
    }

    private void Tell(OptionType option, NbdExport export, uint asked, bool structured)
    {
        bool Wants(InfoType info) => (asked & (1u << (int)info)) != 0;

        replies.ExportInfo(option, export.Length, ExportList.FlagsOf(export, structured));
        if (Wants(InfoType.Name)) { replies.Text(option, InfoType.Name, export.NameBytes); }

        if (Wants(InfoType.Description) && export.Description is { } description)
        {
            replies.Text(option, InfoType.Description, Encoding.UTF8.GetBytes(description));
        }

        if (Wants(InfoType.BlockSize))
        {
            replies.BlockSizes(option, MinBlock, PreferredBlock, (uint)maxPayload);
        }

        replies.Reply(option, OptionReplyType.Ack);
    }
}
