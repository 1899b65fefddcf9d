namespace VMSeed.Tool.Output;

/// <summary>A verb cannot go on; the message is for the user as it stands.</summary>
internal sealed class ToolException(int exitCode, string message, Exception? inner = null)
    : Exception(message, inner)
{
    public int ExitCode => exitCode;
}
