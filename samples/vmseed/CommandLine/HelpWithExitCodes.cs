using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace VMSeed.Tool.CommandLine;

/// <summary>The usual help, and below it what the exit codes mean.</summary>
internal sealed class HelpWithExitCodes(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        HideArgumentsAbove(parseResult.CommandResult);
        int result = usual.Invoke(parseResult);
        parseResult.InvocationConfiguration.Output.WriteLine(ExitCode.Help);
        return result;
    }

    // 'seed' takes an address where 'seed info' does not.
    private static void HideArgumentsAbove(CommandResult command)
    {
        for (SymbolResult? at = command.Parent; at is CommandResult parent; at = parent.Parent)
        {
            foreach (Argument argument in parent.Command.Arguments)
            {
                argument.Hidden = true;
            }
        }
    }
}
