using VMSeed.Nbd.Protocol;

namespace VMSeed.Nbd.Negotiation;

/// <summary>Answers what clients ask about contexts, and remembers which they chose.</summary>
internal sealed class ContextAnswers(ExportList exports, OptionReplies replies)
{
    private MetaContext[] _chosen = [];
    private NbdExport? _chosenOf;

    /// <summary>The contexts of an export: those that were chosen for it, and for no
    /// other.</summary>
    public MetaContext[] Of(NbdExport export) => _chosenOf == export ? _chosen : [];

    public void Forget() => (_chosen, _chosenOf) = ([], null);

    /// <summary>Answers LIST_META_CONTEXT and SET_META_CONTEXT.</summary>
    public void Answer(OptionType option, ReadOnlySpan<byte> bytes, bool structured)
    {
        bool list = option == OptionType.ListMetaContext;
        if (!list) { Forget(); }

        OptionData data = new(bytes);
        if (!structured)
        {
            replies.Error(option, OptionReplyType.ErrorInvalid, "Structured replies come first."u8);
        }
        else if (!data.TryText(out ReadOnlySpan<byte> name)
            || !TryQueries(ref data, list, out bool[] chosen))
        {
            replies.Error(option, OptionReplyType.ErrorInvalid, "The texts do not fit it."u8);
        }
        else if (exports.Find(name) is not { } export)
        {
            replies.Error(option, OptionReplyType.ErrorUnknown, "No export has this name."u8);
        }
        else
        {
            MetaContext[] found = [.. MetaContext.All.Where((_, i) => chosen[i])];
            if (!list) { (_chosen, _chosenOf) = (found, export); }

            foreach (MetaContext context in found)
            {
                replies.Context(option, list ? 0 : context.Id, context.NameBytes);
            }

            replies.Reply(option, OptionReplyType.Ack);
        }
    }

    private static bool TryQueries(ref OptionData data, bool list, out bool[] chosen)
    {
        chosen = new bool[MetaContext.All.Length];
        if (!data.TryUInt32(out uint count)) { return false; }

        if (list && count == 0) { Array.Fill(chosen, true); }

        for (uint i = 0; i < count; i++)
        {
            if (!data.TryText(out ReadOnlySpan<byte> query)) { return false; }

            for (int c = 0; c < chosen.Length; c++)
            {
                chosen[c] |= MetaContext.All[c].Matches(query, list);
            }
        }

        return data.IsEmpty;
    }
}
