using System.Runtime.InteropServices;

namespace VMSeed.Guest.Interop;

/// <summary>The kernel has refused something.</summary>
internal sealed class SystemCallException : IOException
{
    public SystemCallException(string what, int error)
        : base($"{what} failed: {Marshal.GetPInvokeErrorMessage(error)}.") => Error = error;

    /// <summary>Its errno.</summary>
    public int Error { get; }

    /// <summary>Throws where a call has returned -1.</summary>
    /// <param name="result">What the call returned.</param>
    /// <param name="what">What was tried, to begin a sentence with.</param>
    /// <returns>What the call returned.</returns>
    public static long Check(long result, string what) =>
        result != -1 ? result : throw new SystemCallException(what, Marshal.GetLastPInvokeError());
}
