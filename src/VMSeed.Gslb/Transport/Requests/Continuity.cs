using System.Net.Http.Headers;

namespace VMSeed.Gslb.Transport.Requests;

/// <summary>What tells that two answers, perhaps of two servers, are parts of the same
/// file.</summary>
/// <param name="Total">The file's length; -1 where it was not told.</param>
/// <param name="Tag">The strong entity tag of the first answer; null without one.</param>
/// <param name="Modified">The Last-Modified field of the first answer; null without one.</param>
/// <param name="IsBound">Whether whoever reads checks the bytes itself, or the file's name
/// promises them: then length alone must agree.</param>
/// <remarks>Entity tags of two servers may differ for the same file (they are made of inode numbers
/// and times), so they prove equality and disprove nothing but the length does. Where neither tag
/// nor time agrees and nobody checks, another server's bytes are not mixed in.</remarks>
internal sealed record Continuity(long Total, string? Tag, string? Modified, bool IsBound)
{
    /// <summary>Takes down what an answer tells of its file.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="total">The file's length; -1 where it was not told.</param>
    /// <param name="isBound">Whether the bytes are promised otherwise.</param>
    /// <returns>The facts.</returns>
    public static Continuity Of(HttpResponseMessage response, long total, bool isBound) =>
        new(total, TagOf(response), ModifiedOf(response), isBound);

    /// <summary>Whether an answer is of the same file.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="total">Its file's length; -1 where it was not told.</param>
    /// <returns>True when it is.</returns>
    public bool IsKeptBy(HttpResponseMessage response, long total)
    {
        if (Total >= 0 && total >= 0 && Total != total)
        {
            return false;
        }

        return IsBound
            || (Tag is not null && Tag == TagOf(response))
            || (Modified is not null && Total >= 0 && Total == total
                && Modified == ModifiedOf(response));
    }

    private static string? TagOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("ETag", out HeaderStringValues tags)
        && tags.ToString() is var tag
        && tag.StartsWith('"')
            ? tag
            : null;

    private static string? ModifiedOf(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated.TryGetValues("Last-Modified", out var times)
            ? times.ToString()
            : null;
}
